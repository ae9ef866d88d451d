"""Where a number of a lesson comes from, and how well it is known, and what a word means, in a few lines."""

from frailty_lessons.course import ASSUMED, GLOSSARY, SOURCES
from frailty_lessons.learning.pages import load_glossary
from frailty_lessons.learning.questions import QuestionError
from frailty_lessons.trial.schema import Trial
from frailty_lessons.ui.words import WORDS

PAGES = {"sources": SOURCES, "glossary": GLOSSARY}


class Evidence:
    """Displays as a hint; from then on the link of a number or a word in JupyterLab shows what stands behind it.

    There, too, what explains a prediction opens when the prediction was made.
    """

    def __init__(self, trial: Trial):
        self._trial = trial

    def look_up(self, page: str, id: str) -> list[str] | None:
        """The lines on a number (`page` is "sources") or on a word ("glossary"); None for an id that is not there."""
        return self._word(id) if page == "glossary" else self._number(id)

    @staticmethod
    def _word(id):
        try:
            return next(([term.term, term.meaning] for term in load_glossary() if term.id == id), None)
        except QuestionError:
            return None

    def _number(self, id):
        words = WORDS["evidence"]
        if id == ASSUMED:
            return list(words["assumed"])
        for results in filter(None, (self._trial, self._trial.literature, self._trial.escalation)):
            for row in results.results:
                if row.id == id:
                    day = "" if row.day is None else words["day"].format(day=row.day)
                    arm = next((arm.label for arm in getattr(results, "arms", ()) if arm.id == row.arm), row.arm)
                    what = ", ".join(filter(None, [row.measure, row.statistic, arm, day]))
                    source = ", ".join(filter(None, [results.source(row.source).citation, row.where]))
                    known = words["known"].format(certainty=row.certainty_in_words())
                    return [row.figure(), *filter(None, [f"{what}.", known, words["source"].format(source=source), row.note])]
        return None

    def _repr_mimebundle_(self, include=None, exclude=None):
        from frailty_lessons.ui.evidence import EvidenceWidget

        widget = EvidenceWidget({"words": WORDS["evidence"], "pages": PAGES}, self.look_up)
        bundle = widget._repr_mimebundle_(include=include, exclude=exclude)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": WORDS["evidence"]["hint"]}


def evidence(trial: Trial) -> Evidence:
    """Shows, in JupyterLab, where each linked number of the lesson comes from, and what each linked word means."""
    return Evidence(trial)
