"""Whoever watches hears of the first network, in tasks too, and can stop it."""

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skdl
from skdl.training import watched
from skdl.training._bank import lanes
from skdl.training._context import current_context

N_EPOCHS = 6


class Listener:
    """Keeps what it hears; stops after some epochs."""

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


def test_it_hears_of_every_epoch_through_a_pipeline(data):
    listener = Listener()
    with watched(listener):
        fitted = make_pipeline(StandardScaler(), network()).fit(*data)
    assert listener.losses == fitted[-1].history_["val_loss"].tolist()
    assert current_context().observer is None


def test_it_stops_the_run(data, monkeypatch):
    monkeypatch.setattr(lanes, "HEARING_SECONDS", 0)  # it hears after every epoch
    with watched(Listener(2)):
        fitted = network().fit(*data)
    assert fitted.n_iter_ == 2
    assert fitted.status_ == "stopped by a callback"


def test_it_hears_of_the_first_network_alone(data):
    listener = Listener()
    with watched(listener):
        network().fit(*data)
        network().fit(*data)
    assert len(listener.losses) == N_EPOCHS


def test_it_hears_of_no_network_without_validation_rows(data):
    listener = Listener()
    with watched(listener):
        network(early_stopping=False).fit(*data)
        assert listener.losses == []
        network().fit(*data)
    assert len(listener.losses) == N_EPOCHS


def test_it_hears_of_networks_in_tasks_begun_inside(data):
    listener = Listener()
    with watched(listener), skdl.fuse():
        cross_val_score(network(), *data, cv=3)
    assert len(listener.losses) == N_EPOCHS  # of one of the three


def test_an_error_ends_the_watch(data):
    with pytest.raises(ValueError, match="dropout"), watched(Listener()):
        network(dropout=2).fit(*data)
    assert current_context().observer is None


def test_who_takes_turns_goes_epoch_by_epoch_to_the_same_end(data, monkeypatch):
    """One slow observer each; the order of what they hear is by epochs."""
    heard = []

    class Ordered(Listener):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def __call__(self, report):
            heard.append((report.epoch, self.name))
            return super().__call__(report)

    def fit(name, is_watched):
        if not is_watched:
            return network(random_state=name).fit(*data)
        with watched(Ordered(name)):
            return network(random_state=name).fit(*data)

    def fit_all(is_watched):
        with skdl.fuse() as fusion:
            tasks = (joblib.delayed(fit)(name, is_watched) for name in range(5))
            fitted = joblib.Parallel()(tasks)
        assert fusion.banks == [5]
        return fitted

    monkeypatch.setattr(lanes, "HEARING_SECONDS", 0)
    together = fit_all(True)

    epochs = [epoch for epoch, _ in heard]
    assert len(heard) == 5 * N_EPOCHS
    # No one is more than an epoch ahead, but for what a second lane has begun.
    for i, epoch in enumerate(epochs):
        assert epoch - min(epochs[i:]) <= 1
    for ours, plain in zip(together, fit_all(False), strict=True):
        for mine, its in zip(
            ours.model_.get_weights(), plain.model_.get_weights(), strict=True
        ):
            np.testing.assert_allclose(mine, its, atol=1e-6)
