"""Where a number of a lesson comes from, and how well it is known, in a few lines."""

from frailty_lessons.trial.schema import Trial
from frailty_lessons.ui.words import WORDS

SOURCES = "sources.ipynb"
ASSUMED = "assumed"


class Evidence:
    """Displays as a hint; from then on a number's link in JupyterLab shows where the number comes from."""

    def __init__(self, trial: Trial):
        self._trial = trial

    def look_up(self, id: str) -> list[str] | None:
        """The figure, what it is, how well it is known, its source and its note; None for an id that is not here."""
        words = WORDS["evidence"]
        if id == ASSUMED:
            return list(words["assumed"])
        for results in filter(None, (self._trial, self._trial.literature)):
            for row in results.results:
                if row.id == id:
                    day = "" if row.day is None else words["day"].format(day=row.day)
                    what = ", ".join(filter(None, [row.measure, row.statistic, row.arm, day]))
                    source = ", ".join(filter(None, [results.source(row.source).citation, row.where]))
                    known = words["known"].format(certainty=row.certainty_in_words())
                    return [row.figure(), *filter(None, [f"{what}.", known, words["source"].format(source=source), row.note])]
        return None

    def _repr_mimebundle_(self, include=None, exclude=None):
        from frailty_lessons.ui.evidence import EvidenceWidget

        widget = EvidenceWidget({"words": WORDS["evidence"], "sources": SOURCES}, self.look_up)
        bundle = widget._repr_mimebundle_(include=include, exclude=exclude)
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, "text/plain": WORDS["evidence"]["hint"]}


def evidence(trial: Trial) -> Evidence:
    """Shows, in JupyterLab, where each linked number of the lesson comes from."""
    return Evidence(trial)
