"""Weighing evidence: estimates that make the news, many looks, what was believed before, and how often a success holds."""

from frailty_lessons.methods.evidence.belief import (
    PRIORS,
    BeforeAndAfter,
    Fragility,
    Posterior,
    before_and_after,
    chance_of_small_p,
    fragility,
    implied_sd,
    posterior,
    prior_of,
    turning_prior,
)
from frailty_lessons.methods.evidence.looks import ManyLooks, any_look, any_look_simulated, many_looks
from frailty_lessons.methods.evidence.phase_two import PhaseTwo, PredictiveValue, phase_two, predictive_value
from frailty_lessons.methods.evidence.told import BestOfArms, Exaggeration, ToldEstimates, best_of_arms, exaggeration, told_estimates

__all__ = [
    "PRIORS",
    "BeforeAndAfter",
    "BestOfArms",
    "Exaggeration",
    "Fragility",
    "ManyLooks",
    "PhaseTwo",
    "Posterior",
    "PredictiveValue",
    "ToldEstimates",
    "any_look",
    "any_look_simulated",
    "before_and_after",
    "best_of_arms",
    "chance_of_small_p",
    "exaggeration",
    "fragility",
    "implied_sd",
    "many_looks",
    "phase_two",
    "posterior",
    "predictive_value",
    "prior_of",
    "told_estimates",
    "turning_prior",
]
