"""Networks of few rows, trained once for all tests of verdicts; made-up cases."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from skdl import MLPClassifier
from skdl.diagnosis import diagnose
from skdl.diagnosis._curves import read_curves
from skdl.diagnosis.verdicts._evidence import DataEvidence
from skdl.diagnosis.verdicts._facts import TrainingFacts, facts_of
from skdl.diagnosis.verdicts._measures import measure_curves
from skdl.diagnosis.verdicts._rule_input import RuleInput
from skdl.exceptions import DivergenceWarning
from tests.diagnosis.verdicts.example_trainings import RUNS, SETTINGS, SOUND

EVIDENCE = DataEvidence(
    n_train=1000,
    n_val=200,
    baseline=1.0,
    train_loss=0.2,
    val_loss=0.22,
    standard_error=0.02,
    copies=0.0,
    copies_expected=0.0,
    shift=0.5,
    shift_error=0.01,
    residual_signal=0.0,
)


@dataclass(frozen=True, eq=False)
class Training:
    """A fitted estimator and its rows."""

    estimator: Any
    X: Any
    y: Any
    X_val: Any
    y_val: Any

    @property
    def rows(self):
        return {"X": self.X, "y": self.y, "X_val": self.X_val, "y_val": self.y_val}

    def diagnose(self, **options):
        return diagnose(self.estimator, **self.rows, **options)


def draw(n_samples, random):
    """Two classes by the sign of a product, which no linear model can tell."""
    X = random.normal(size=(n_samples, 4)).astype(np.float32)
    is_noise = random.uniform(size=n_samples) < 0.05
    return X, ((X[:, 0] * X[:, 1] > 0) ^ is_noise).astype(int)


@pytest.fixture(scope="session")
def train():
    return draw(400, np.random.default_rng(0))


@pytest.fixture(scope="session")
def validation():
    return draw(200, np.random.default_rng(1))


@pytest.fixture(scope="session")
def rows(train, validation):
    """Both parts, as `diagnose` takes them."""
    names = ("X", "y", "X_val", "y_val")
    return dict(zip(names, (*train, *validation), strict=True))


@pytest.fixture(scope="session")
def trained():
    """A function from rows and parameters to a training."""

    def fit(train, validation, **parameters):
        network = MLPClassifier(**{**SETTINGS, **parameters})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DivergenceWarning)
            network.fit(*train, X_val=validation[0], y_val=validation[1])
        return Training(network, *train, *validation)

    return fit


@pytest.fixture(scope="session")
def sound(trained, train, validation):
    return trained(train, validation, early_stopping=True)


@pytest.fixture(scope="session")
def diverged(trained, train, validation):
    return trained(train, validation, learning_rate=1e35)


@pytest.fixture(scope="session")
def without_rows():
    """A function from losses, and perhaps a network, to a run without rows."""

    def make(lists, network=None, *, evidence=None, baseline=None, holds_out=False):
        curves = read_curves(lists)
        has_losses = len(curves.measured()[0]) > 0
        return RuleInput(
            curves=curves,
            facts=TrainingFacts() if network is None else facts_of(network),
            measures=measure_curves(curves, baseline) if has_losses else None,
            evidence=evidence,
            baseline=baseline,
            holds_out=holds_out,
        )

    return make


@pytest.fixture(scope="session")
def with_rows(without_rows):
    """A function from losses and what the rows tell to a run."""

    def make(lists=SOUND, network=RUNS, *, holds_out=False, **changes):
        evidence = replace(EVIDENCE, **changes)
        return without_rows(
            lists,
            network,
            evidence=evidence,
            baseline=evidence.baseline,
            holds_out=holds_out,
        )

    return make
