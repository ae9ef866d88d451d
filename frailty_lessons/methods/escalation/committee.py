"""One trial, person by person, with people who stay the same whatever dose they are given."""

import numpy as np

from frailty_lessons.methods.checks import number, whole
from frailty_lessons.methods.escalation.design import Design
from frailty_lessons.methods.escalation.outcomes import Cohort, History, as_history


def treat(history: History | str, dose: int, people: int, true_toxicity, tolerances) -> History:
    """The history with so many more `people` treated together at level `dose`.

    `tolerances` belong to people in the order in which they come, uniform from 0 to 1: person i has a toxicity if
    `tolerances[i]` lies below the dose's true risk, so that whoever has one on a dose also has one on any dose with a
    higher risk (O'Quigley, Paoletti & Maccario 2002, Biostatistics 3:51-56). The first people are those of `history`.
    Raises `ValueError` for a dose that there is not, and where there are fewer people than are to be treated.
    """
    history = as_history(history)
    truth = np.atleast_1d(number("true_toxicity", true_toxicity, low=0, high=1))
    tolerances = np.atleast_1d(number("tolerances", tolerances, low=0, high=1))
    dose, people = whole("dose", dose, low=1), whole("people", people, low=1)
    if dose > len(truth):
        raise ValueError(f"dose must be one of 1 to {len(truth)}, not {dose}")
    treated = sum(cohort.size for cohort in history)
    if treated + people > len(tolerances):
        raise ValueError(f"there must be a tolerance for each of {treated + people} people, not {len(tolerances)}")
    letters = np.where(tolerances[treated : treated + people] < truth[dose - 1], "T", "N")
    return (*history, Cohort(dose, "".join(letters)))


def run_trial(design: Design, true_toxicity, tolerances) -> History:
    """The whole trial that `design` runs with these people, who are `treat`ed in order.

    Designs that are given the same `tolerances` meet the same people; `design.max_n` are always enough.
    Raises `ValueError` for impossible risks, and where the people run out before the design stops.
    """
    truth = np.atleast_1d(number("true_toxicity", true_toxicity, low=0, high=1))
    if truth.shape != (design.levels,):
        raise ValueError(f"true_toxicity must have one figure a dose, {design.levels}, not {truth.size}")
    history, treated, dose = (), 0, 1
    while dose:
        size = design.size_after(treated)
        history = treat(history, dose, size, truth, tolerances)
        treated += size
        dose = design.next_dose(history)
    return history
