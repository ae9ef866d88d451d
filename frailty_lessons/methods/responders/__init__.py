"""People who responded: shares and what they hide, what to expect without treatment, cutting a measurement in two, markers."""

from frailty_lessons.methods.responders.comparison import Ratio, ResponderComparison, compare_responders
from frailty_lessons.methods.responders.cutting import CutInTwo, WrongSide, cut_in_two, people_needed_to_count, power_of_counting, relative_efficiency, wrong_side
from frailty_lessons.methods.responders.marker import MarkerAndWalk, marker_and_walk
from frailty_lessons.methods.responders.number_needed import NumberNeeded, number_needed
from frailty_lessons.methods.responders.shares import Share, chance_of_at_least, share_of
from frailty_lessons.methods.responders.untreated import Study, WithoutTreatment, share_by, share_by_rate, without_treatment
from frailty_lessons.methods.responders.whole_numbers import PercentOfWhom, fractions_rounding_to, percent_of_whom

__all__ = [
    "CutInTwo",
    "MarkerAndWalk",
    "NumberNeeded",
    "PercentOfWhom",
    "Ratio",
    "ResponderComparison",
    "Share",
    "Study",
    "WithoutTreatment",
    "WrongSide",
    "chance_of_at_least",
    "compare_responders",
    "cut_in_two",
    "fractions_rounding_to",
    "marker_and_walk",
    "number_needed",
    "people_needed_to_count",
    "percent_of_whom",
    "power_of_counting",
    "relative_efficiency",
    "share_by",
    "share_by_rate",
    "share_of",
    "without_treatment",
    "wrong_side",
]
