"""Dose escalation: designs that decide who gets which dose next, what they do on average, and what no event shows."""

from frailty_lessons.methods.escalation.characteristics import (
    OperatingCharacteristics,
    Simulation,
    operating_characteristics,
    simulate_trials,
)
from frailty_lessons.methods.escalation.committee import run_trial, treat
from frailty_lessons.methods.escalation.comparison import DesignComparison, compare_designs, right_dose
from frailty_lessons.methods.escalation.crm import CRM, CRMFit, getprior
from frailty_lessons.methods.escalation.design import Advice, Design
from frailty_lessons.methods.escalation.fixed import FixedCohorts
from frailty_lessons.methods.escalation.interval import BOIN, MTPI2, DecisionTable, IntervalDesign, ToxicityEstimates
from frailty_lessons.methods.escalation.learners_trial import Colleague, LearnersTrial, learners_trial, people
from frailty_lessons.methods.escalation.outcomes import Cohort, History, parse_outcomes, write_outcomes
from frailty_lessons.methods.escalation.schedule import Group, Schedule, schedule
from frailty_lessons.methods.escalation.three_plus_three import RULES, Rule, ThreePlusThree
from frailty_lessons.methods.escalation.zero_events import ZeroEvents, zero_events

__all__ = [
    "BOIN",
    "CRM",
    "MTPI2",
    "RULES",
    "Advice",
    "CRMFit",
    "Cohort",
    "Colleague",
    "DecisionTable",
    "Design",
    "DesignComparison",
    "FixedCohorts",
    "Group",
    "History",
    "IntervalDesign",
    "LearnersTrial",
    "OperatingCharacteristics",
    "Rule",
    "Schedule",
    "Simulation",
    "ThreePlusThree",
    "ToxicityEstimates",
    "ZeroEvents",
    "compare_designs",
    "getprior",
    "learners_trial",
    "operating_characteristics",
    "parse_outcomes",
    "people",
    "right_dose",
    "run_trial",
    "schedule",
    "simulate_trials",
    "treat",
    "write_outcomes",
    "zero_events",
]
