"""Predictions, questions, and the progress that one learner makes with them."""

from frailty_lessons.learning.ask import ask, predict, progress
from frailty_lessons.learning.claims import claims
from frailty_lessons.learning.evidence import evidence
from frailty_lessons.learning.pages import course_map, glossary, load_glossary
from frailty_lessons.learning.progress import Progress, ProgressError
from frailty_lessons.learning.protocol import load_protocol, protocol
from frailty_lessons.learning.questions import Question, QuestionError, load_questions

__all__ = ["Progress", "ProgressError", "Question", "QuestionError", "ask", "claims", "course_map", "evidence", "glossary", "load_glossary", "load_protocol", "load_questions", "predict", "progress", "protocol"]
