"""Predictions, questions, and the progress that one learner makes with them."""

from frailty_lessons.learning.ask import ask, predict, progress
from frailty_lessons.learning.progress import Progress, ProgressError
from frailty_lessons.learning.questions import Question, QuestionError, load_questions

__all__ = ["Progress", "ProgressError", "Question", "QuestionError", "ask", "load_questions", "predict", "progress"]
