"""Trainings that several of these files judge, and what is asked of a verdict."""

import numpy as np

from skdl import MLPClassifier
from skdl.diagnosis.verdicts._diagnose import apply_rules

# Both fall to where they stay.
FALLING = list(0.2 + 0.8 * np.exp(-np.arange(20) / 2))
SOUND = {"loss": FALLING, "val_loss": [value + 0.02 for value in FALLING]}
# Never fitted; judged by their parameters.
STOPS = MLPClassifier((64,), early_stopping=True)
RUNS = MLPClassifier((64,))
# Of networks that are fitted.
SETTINGS = {
    "hidden_layer_sizes": (32,),
    "learning_rate": 0.005,
    "epochs": 80,
    "random_state": 0,
}


def codes(run):
    return [finding.code for finding in apply_rules(run)]


def suggestion(run):
    return apply_rules(run)[0].suggestion
