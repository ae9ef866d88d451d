"""Comparing arms with placebo: differences and their intervals, repeated measures, and people who left."""

from frailty_lessons.methods.placebo.adjust import adjust, dunnett, dunnett_critical
from frailty_lessons.methods.placebo.handlings import Handling, Handlings, handlings
from frailty_lessons.methods.placebo.many_trials import ManyTrials, many_trials
from frailty_lessons.methods.placebo.means import ancova, bootstrap, difference_in_means, permutation
from frailty_lessons.methods.placebo.missing import (
    TippingPoints,
    complete_cases,
    delta_adjusted,
    last_observation_carried_forward,
    multiple_imputation,
    reference_based,
    tipping_point,
)
from frailty_lessons.methods.placebo.mmrm import MMRM, mmrm
from frailty_lessons.methods.placebo.parts import ChangeParts, Unblinded, change_parts, unblinded
from frailty_lessons.methods.placebo.power import people_needed, power_of_t
from frailty_lessons.methods.placebo.proportions import DifferenceInProportions, difference_in_proportions
from frailty_lessons.methods.placebo.questions import Trend, TwoQuestions, trend, two_questions
from frailty_lessons.methods.placebo.result import Comparisons, in_words

__all__ = [
    "MMRM",
    "ChangeParts",
    "Comparisons",
    "DifferenceInProportions",
    "Handling",
    "Handlings",
    "ManyTrials",
    "TippingPoints",
    "Trend",
    "TwoQuestions",
    "Unblinded",
    "adjust",
    "ancova",
    "bootstrap",
    "change_parts",
    "complete_cases",
    "delta_adjusted",
    "difference_in_means",
    "difference_in_proportions",
    "dunnett",
    "dunnett_critical",
    "handlings",
    "in_words",
    "last_observation_carried_forward",
    "many_trials",
    "mmrm",
    "multiple_imputation",
    "people_needed",
    "permutation",
    "power_of_t",
    "reference_based",
    "tipping_point",
    "trend",
    "two_questions",
    "unblinded",
]
