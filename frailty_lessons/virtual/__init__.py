"""Virtual trials: synthetic people in the arms, sizes and visits of a trial pack, under assumptions that are all named.

No data of single participants of the real trial are public, and what no report gives is never filled in silently: every
assumption is an argument, and its default is a row of the pack (`DEFAULTS`), most of them marked *assumed*.

The model. Measured screening walks of everybody are normal; who lies inside the entry window is let in, and that walk is
the baseline. Measured = true + error, so that regression to the mean arises by itself. Later,

    true     = true at baseline + placebo course + effect + drift * (entry - 1/2) + own change,
    measured = true + learning + hope (treated arms) + error,

where entry is the time of entry, 0 to 1. Own changes are normal and independent of the baseline. Their spread is such
that the *measured* change of the people let in has, before any drift, the SD `sd` and, between two visits, the correlation
`correlation`.
"""

from frailty_lessons.virtual.arguments import DEFAULTS, assumptions
from frailty_lessons.virtual.comparison import Differences, differences
from frailty_lessons.virtual.model import AT_RANDOM, MECHANISMS, NOT_SEEN, SEEN
from frailty_lessons.virtual.trials import NOTE, VirtualTrials, virtual_trial, virtual_trials

__all__ = [
    "AT_RANDOM",
    "DEFAULTS",
    "MECHANISMS",
    "NOTE",
    "NOT_SEEN",
    "SEEN",
    "Differences",
    "VirtualTrials",
    "assumptions",
    "differences",
    "virtual_trial",
    "virtual_trials",
]
