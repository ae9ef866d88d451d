"""Planning a Phase 3 trial: people, power and years, the chance of success, and interim looks."""

from frailty_lessons.methods.phase3.chance import Assurance, ChanceOfSuccess, assurance, chance_of_success
from frailty_lessons.methods.phase3.interim import InterimLooks, interim_looks
from frailty_lessons.methods.phase3.people import Effort, Plan, effort, plan
from frailty_lessons.methods.phase3.sequential import KINDS, Sequential, sequential

__all__ = [
    "KINDS",
    "Assurance",
    "ChanceOfSuccess",
    "Effort",
    "InterimLooks",
    "Plan",
    "Sequential",
    "assurance",
    "chance_of_success",
    "effort",
    "interim_looks",
    "plan",
    "sequential",
]
