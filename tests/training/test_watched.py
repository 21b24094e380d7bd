"""An observer follows the first network, also in tasks, and can stop it."""

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.training import watched
from skdl.training._watched import current_context

N_EPOCHS = 6


class Listener:
    """Collects losses; stops after some epochs."""

    def __init__(self, n_epochs=N_EPOCHS):
        self.losses = []
        self.n_epochs = n_epochs

    def __call__(self, report):
        self.losses.append(report.values["val_loss"])
        return len(self.losses) >= self.n_epochs

    def is_over(self):
        return len(self.losses) >= self.n_epochs


@pytest.fixture(scope="module")
def data():
    X, y = make_classification(60, 4, random_state=0)
    return X.astype("float32"), y


def network(**settings):
    common = {"early_stopping": True, "patience": 50, "random_state": 0}
    return skdl.MLPClassifier((4,), epochs=N_EPOCHS, **{**common, **settings})


def test_every_epoch_is_reported_through_a_pipeline(data):
    listener = Listener()
    with watched(listener):
        fitted = make_pipeline(StandardScaler(), network()).fit(*data)
    assert listener.losses == fitted[-1].history_["val_loss"].tolist()
    assert current_context().observer is None


def test_an_observer_stops_the_run(data, monkeypatch):
    # Reports after every epoch.
    monkeypatch.setattr("skdl.training._bank.lanes.REPORT_SECONDS", 0)
    with watched(Listener(2)):
        fitted = network().fit(*data)
    assert fitted.n_iter_ == 2
    assert fitted.status_ == "stopped by a callback"


def test_only_the_first_network_is_reported(data):
    listener = Listener()
    with watched(listener):
        network().fit(*data)
        network().fit(*data)
    assert len(listener.losses) == N_EPOCHS


def test_networks_without_validation_rows_are_not_reported(data):
    listener = Listener()
    with watched(listener):
        network(early_stopping=False).fit(*data)
        assert listener.losses == []
        network().fit(*data)
    assert len(listener.losses) == N_EPOCHS


def test_networks_in_tasks_are_reported(data):
    listener = Listener()
    with watched(listener), skdl.fuse():
        cross_val_score(network(), *data, cv=3)
    assert len(listener.losses) == N_EPOCHS  # of one of the three


def test_an_error_removes_the_observer(data):
    with pytest.raises(ValueError, match="dropout"), watched(Listener()):
        network(dropout=2).fit(*data)
    assert current_context().observer is None


def test_observed_networks_take_turns_epoch_by_epoch(data, monkeypatch):
    """Reports come epoch by epoch, and the weights are those without observers."""
    reported = []

    class Ordered(Listener):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def __call__(self, report):
            reported.append((report.epoch, self.name))
            return super().__call__(report)

    def fit(name, is_observed):
        if not is_observed:
            return network(random_state=name).fit(*data)
        with watched(Ordered(name)):
            return network(random_state=name).fit(*data)

    def fit_all(is_observed):
        with skdl.fuse() as fusion:
            tasks = (joblib.delayed(fit)(name, is_observed) for name in range(5))
            fitted = joblib.Parallel()(tasks)
        assert fusion.banks == [5]
        return fitted

    monkeypatch.setattr("skdl.training._bank.lanes.REPORT_SECONDS", 0)
    together = fit_all(True)

    epochs = [epoch for epoch, _ in reported]
    assert len(reported) == 5 * N_EPOCHS
    # None is more than an epoch ahead, except for what a second lane has begun.
    for i, epoch in enumerate(epochs):
        assert epoch - min(epochs[i:]) <= 1
    for ours, plain in zip(together, fit_all(False), strict=True):
        for mine, its in zip(
            ours.model_.get_weights(), plain.model_.get_weights(), strict=True
        ):
            np.testing.assert_allclose(mine, its, atol=1e-6)
