"""Trainings that several of these files judge, and what is asked of a verdict."""

from dataclasses import replace

import numpy as np

from skdl import MLPClassifier
from skdl.diagnosis._curves import read_curves
from skdl.diagnosis.verdicts._diagnose import apply_rules
from skdl.diagnosis.verdicts._facts import facts_of
from skdl.diagnosis.verdicts._measures import measure_curves

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


def in_other_units(run):
    """The same run, the losses of whose rows cannot be compared with its curves."""
    return replace(run, baseline=None, measures=measure_curves(run.curves))


def curves_of(loss, val_loss=None):
    lists = {"loss": loss} if val_loss is None else {"loss": loss, "val_loss": val_loss}
    return read_curves(lists)


def own_names(network, names):
    """What a network calls parameters of skdl, as nested in a pipeline."""
    return {facts_of(network).names[name] for name in names}
