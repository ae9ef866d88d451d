"""The six-minute walk test: how far one walks, what is expected, and which change is real."""

from frailty_lessons.methods.walk_test.change import (
    GroupDifference,
    PersonChange,
    group_difference,
    minimal_detectable_change,
    person_change,
    standard_error_of_measurement,
)
from frailty_lessons.methods.walk_test.corridor import CorridorWalk, corridor_walk
from frailty_lessons.methods.walk_test.reference import (
    EQUATIONS,
    Equation,
    EquationComparison,
    Prediction,
    compare_equations,
    percent_predicted,
    predicted_distance,
)
from frailty_lessons.methods.walk_test.regression import RegressionToTheMean, regression_to_the_mean

__all__ = [
    "EQUATIONS",
    "CorridorWalk",
    "Equation",
    "EquationComparison",
    "GroupDifference",
    "PersonChange",
    "Prediction",
    "RegressionToTheMean",
    "compare_equations",
    "corridor_walk",
    "group_difference",
    "minimal_detectable_change",
    "percent_predicted",
    "person_change",
    "predicted_distance",
    "regression_to_the_mean",
    "standard_error_of_measurement",
]
