"""What a notebook calls: ask a question, ask for a prediction before something is shown, show progress."""

from frailty_lessons.learning.progress import FILE, SURE, Progress, ProgressError, summary
from frailty_lessons.learning.questions import QuestionError, load_questions
from frailty_lessons.ui.words import WORDS

UNSURE = 40  # per cent, and below: "a guess" and "a little"


class Asked:
    """A question of a topic with the learner's progress: displays as a form, and keeps every answer.

    A prediction is asked once, with how sure the learner is, and shows `then` (an explorer) after it;
    any other question can be answered again.
    """

    def __init__(self, topic: str, id: str, then=None, *, prediction: bool = False):
        questions = load_questions(topic)
        if id not in questions:
            raise QuestionError([f"questions/{topic}.toml: there is no question {id!r}; there are {', '.join(questions)}."])
        self.question, self.then, self.prediction = questions[id], then, prediction
        self.topic, self.key = topic, f"{topic}/{id}"
        self.progress = Progress()

    def spec(self) -> dict:
        """What the front end needs; nothing of what is right."""
        return {
            **self.question.form(),
            "heading": WORDS["prediction"] if self.prediction else WORDS["question"],
            "confidence": self.question.form()["kind"] not in ("text", "probability"),
            "again": not self.prediction,
            "words": WORDS["form"],
        }

    def state(self) -> dict:
        """The last attempt with what is to be said of it, or an empty form."""
        try:
            record = self.progress.record()
        except ProgressError as error:
            return {"notice": str(error)}
        attempts = record.attempts.get(self.key)
        if attempts:
            try:
                return self._answered(attempts[-1].answer, attempts[-1].confidence)
            except QuestionError:
                return {"notice": WORDS["form"]["changed"]}
        return {"draft": record.drafts.get(self.key, "")}

    def hear(self, message: dict) -> dict:
        """The state after a message of the browser: an answer, a draft, or the wish to answer again."""
        try:
            if message.get("again") and not self.prediction:
                return self._again()
            if isinstance(message.get("draft"), str):
                self.progress.keep_draft(self.key, message["draft"])
                return {"draft": message["draft"], "draft_kept": True}
            confidence = message.get("confidence")
            confidence = confidence if isinstance(confidence, int) and 0 <= confidence <= 100 else None
            state = self._answered(message.get("answer"), confidence)
        except (QuestionError, ProgressError) as error:
            return {"notice": str(error)}
        try:
            self.progress.add(self.key, message["answer"], confidence, state["feedback"]["right"])
        except ProgressError as error:
            state["notice"] = str(error)
        return state

    def _again(self) -> dict:
        """An empty form; of a free text the form as it was, and beside it what was said of it."""
        attempts = self.progress.record().attempts.get(self.key)
        if not attempts or self.question.form()["kind"] != "text":
            return {"draft": ""}
        last = attempts[-1].answer
        return {"draft": last, "beside": self.question.judge(last)["words"]}

    def _answered(self, answer, confidence) -> dict:
        feedback = self.question.judge(answer)
        feedback["sure"] = _calibrated(feedback["right"], confidence)
        unit = self.question.form().get("unit", "")
        return {"feedback": feedback, "shown": f"{answer} {unit}".strip() if not feedback["options"] else ""}

    def widget(self):
        """The form as a widget, with what follows a prediction below it once it was made."""
        from frailty_lessons.ui.form import Gate, QuestionForm

        form = QuestionForm(self.spec(), self.state(), self.hear)
        if self.then is None:
            return form
        return Gate(form, lambda state: "feedback" in state, lambda: kept(self.topic, self.then, self.progress))

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = self.widget()._repr_mimebundle_(include=include, exclude=exclude)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": self.question.prompt}


def _calibrated(right: bool | None, confidence: int | None) -> str:
    """What to tell somebody who was sure and wrong, or right and not sure; otherwise nothing."""
    words, known = WORDS["form"], dict(WORDS["form"]["sure"])
    if right is False and confidence is not None and confidence >= SURE:
        return words["sure_and_wrong"].format(sure=known.get(confidence, known[SURE]))
    if right and confidence is not None and confidence <= UNSURE:
        return words["unsure_and_right"]
    return ""


def kept(topic: str, explorer, progress: Progress):
    """The explorer as a widget that goes on from the decisions in the learner's progress, and keeps new ones there."""
    if not explorer.decisions:
        return explorer.widget()
    key = f"{topic}/{type(explorer).__name__}"

    def keep(explorer):
        try:
            progress.keep_decided(key, explorer.state, explorer.record(), ended=not explorer.steps(explorer.state))
        except ProgressError as error:
            return str(error)

    try:
        decided = progress.record().decided.get(key)
        explorer = explorer.at(**decided.state) if decided else explorer
    except ValueError:
        pass  # the explorer has other controls now, or there is no progress that can be read: it begins anew
    return explorer.widget(keep)


def ask(topic: str, id: str) -> Asked:
    """The question `id` of `questions/<topic>.toml`; raises `QuestionError` with one sentence if there is none."""
    return Asked(topic, id)


def predict(topic: str, id: str, then) -> Asked:
    """The question `id` as a prediction, which opens `then` (an explorer) once it was made."""
    return Asked(topic, id, then, prediction=True)


def progress() -> "ProgressView":
    """The learner's progress as a panel: download it, bring it back, or start over."""
    return ProgressView()


class ProgressView:
    """Displays as the progress panel."""

    def __init__(self):
        self.progress = Progress()

    def hear(self, message: dict) -> dict:
        """The state after a button was pressed."""
        words = WORDS["progress_panel"]
        try:
            if message.get("download"):
                return {"words": words["downloaded"], "download": self.progress.text()}
            if isinstance(message.get("upload"), str):
                count = self.progress.take(message["upload"])
                return {"words": f"{words['uploaded'].format(count=count)} {self._said()}"}
            if message.get("start_over"):
                aside = self.progress.start_over()
                return {"words": words["started_over"].format(file=aside.name) if aside else words["nothing"]}
        except ProgressError as error:
            return {"words": str(error)}
        return {"words": self._said()}

    def _said(self) -> str:
        done = summary(self.progress.record())
        words = WORDS["progress_panel"]
        if not done["answered"]:
            return words["nothing"]
        return " ".join([words["done"].format(**done), *([words["sure"].format(**done)] if done["sure"] else [])])

    def _repr_mimebundle_(self, include=None, exclude=None):
        from frailty_lessons.ui.form import ProgressPanel

        panel = ProgressPanel({"words": WORDS["progress_panel"], "file": FILE}, self.hear({}), self.hear)
        bundle = panel._repr_mimebundle_(include=include, exclude=exclude)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": self.hear({})["words"]}
