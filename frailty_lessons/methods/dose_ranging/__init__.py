"""How much of it? Dose-response curves: testing for one, fitting it, and what a trial can find out about dose."""

from frailty_lessons.methods.dose_ranging.best_looking import BestLooking, best_looking
from frailty_lessons.methods.dose_ranging.contrasts import ContrastTest, multiple_contrast_test, optimal_contrasts
from frailty_lessons.methods.dose_ranging.fits import Fit, ManyFits, fit, many_fits
from frailty_lessons.methods.dose_ranging.late_arm import LateArm, late_arm
from frailty_lessons.methods.dose_ranging.mcp_mod import MCPMod, mcp_mod
from frailty_lessons.methods.dose_ranging.means import DoseMeans, dose_means, estimates
from frailty_lessons.methods.dose_ranging.models import MODELS, Candidate, candidate
from frailty_lessons.methods.dose_ranging.one_trial import ArmsAndCurve, arms_and_curve
from frailty_lessons.methods.dose_ranging.power import PairPower, power_of_contrasts, power_of_pairs, power_of_trend
from frailty_lessons.methods.dose_ranging.strategies import Strategies, allocate, strategies
from frailty_lessons.methods.dose_ranging.take_forward import TakeForward, take_forward
from frailty_lessons.methods.dose_ranging.trends import Jonckheere, Williams, jonckheere, williams
from frailty_lessons.methods.dose_ranging.truth import CURVES, TrueCurve, true_curve, usual_shapes

__all__ = [
    "CURVES",
    "MODELS",
    "ArmsAndCurve",
    "BestLooking",
    "Candidate",
    "ContrastTest",
    "DoseMeans",
    "Fit",
    "Jonckheere",
    "LateArm",
    "MCPMod",
    "ManyFits",
    "PairPower",
    "Strategies",
    "TakeForward",
    "TrueCurve",
    "Williams",
    "allocate",
    "arms_and_curve",
    "best_looking",
    "candidate",
    "dose_means",
    "estimates",
    "fit",
    "jonckheere",
    "late_arm",
    "many_fits",
    "mcp_mod",
    "multiple_contrast_test",
    "optimal_contrasts",
    "power_of_contrasts",
    "power_of_pairs",
    "power_of_trend",
    "strategies",
    "take_forward",
    "true_curve",
    "usual_shapes",
    "williams",
]
