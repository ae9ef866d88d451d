"""What is known of one trial: its schema, its files, its sources, results and claims."""

from frailty_lessons.trial.loading import load_literature, load_trial
from frailty_lessons.trial.faults import PackError
from frailty_lessons.trial.schema import (
    Arm,
    Claim,
    Literature,
    Outcome,
    PublishedResult,
    Source,
    Threshold,
    Trial,
    Unknown,
    Visit,
)

__all__ = [
    "Arm",
    "Claim",
    "Literature",
    "Outcome",
    "PackError",
    "PublishedResult",
    "Source",
    "Threshold",
    "Trial",
    "Unknown",
    "Visit",
    "load_literature",
    "load_trial",
]
