"""scikit-learn's callbacks: progress bars, and custom ones that may stop a fit."""

import numpy as np
import pytest
from sklearn.callback import ProgressBar
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "epochs": 6,
    "learning_rate": 0.01,
    "random_state": 0,
}


class Recorder:
    """Records the epochs, and stops after one of them."""

    def __init__(self, stop_after=None, fails=False):
        self.stop_after = stop_after
        self.fails = fails
        self.events = []
        self.seen = []

    def setup(self, estimator, context):
        self.events.append("setup")

    def teardown(self, estimator, context):
        self.events.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.events.append(f"begin {context.task_name}")

    def on_fit_task_end(
        self,
        estimator,
        context,
        *,
        X=None,
        y=None,
        metadata=None,
        fitted_estimator=None,
    ):
        self.events.append(f"end {context.task_name}")
        if context.parent is None:
            self.last = fitted_estimator
            return False
        if self.fails:
            raise RuntimeError("the callback failed")
        self.seen.append((context.task_id, X, y, metadata, fitted_estimator))
        return len(self.seen) == self.stop_after


def fit_with(callback, X, y, cls=MLPClassifier, **parameters):
    model = cls(**{**SETTINGS, **parameters}).set_callbacks(callback)
    return model.fit(X, y)


def test_progress_bar_shows_the_epochs_of_a_fit(X, two_classes, capsys):
    fit_with(ProgressBar(), X, two_classes)

    printed = capsys.readouterr().out
    assert "MLPClassifier" in printed
    assert "100%" in printed


def test_progress_bar_shows_the_fits_of_a_search(X, two_classes, capsys):
    search = GridSearchCV(MLPClassifier(**SETTINGS), {"l2": [0.0, 0.1]}, cv=2)

    search.set_callbacks(ProgressBar(max_propagation_depth=None))
    search.fit(X, two_classes)

    printed = capsys.readouterr().out
    assert "GridSearchCV" in printed
    assert "MLPClassifier" in printed
    plain = GridSearchCV(MLPClassifier(**SETTINGS), {"l2": [0.0, 0.1]}, cv=2)
    plain.fit(X, two_classes)
    np.testing.assert_array_equal(search.predict_proba(X), plain.predict_proba(X))


def test_progress_bar_of_a_step_of_a_pipeline(X, two_classes, capsys):
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SETTINGS))

    pipeline.set_callbacks(ProgressBar()).fit(X, two_classes)

    assert "MLPClassifier" in capsys.readouterr().out


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_a_callback_sees_every_epoch(cls, X, two_classes):
    recorder = Recorder()

    fit_with(recorder, X, two_classes, cls)

    epochs = ["begin epoch", "end epoch"] * 6
    fit = ["setup", "begin fit", *epochs, "end fit", "teardown"]
    assert recorder.events == fit
    assert [seen[0] for seen in recorder.seen] == [0, 1, 2, 3, 4, 5]


def test_a_callback_receives_the_arguments_of_fit(X, two_classes):
    recorder = Recorder()
    weights = np.ones(len(X))
    model = MLPClassifier(**SETTINGS).set_callbacks(recorder)

    model.fit(X, two_classes, sample_weight=weights)

    _, seen_X, seen_y, metadata, _ = recorder.seen[0]
    assert seen_X is X
    assert seen_y is two_classes
    assert metadata["sample_weight"] is weights


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_the_estimator_that_a_callback_receives_predicts(cls, X, two_classes):
    recorder = Recorder()
    fit_with(recorder, X, two_classes, cls)

    for epoch, (*_, fitted) in enumerate(recorder.seen, start=1):
        alone = cls(**{**SETTINGS, "epochs": epoch}).fit(X, two_classes)
        assert type(fitted) is cls
        np.testing.assert_allclose(fitted.predict(X), alone.predict(X), rtol=1e-9)
        assert fitted.score(X, two_classes) == pytest.approx(
            alone.score(X, two_classes)
        )
    networks = {id(fitted) for *_, fitted in recorder.seen}
    assert len(networks) == 6


def test_the_last_estimator_that_a_callback_receives_has_the_kept_weights(
    X, two_classes
):
    recorder = Recorder()
    noise = np.random.default_rng(0).integers(0, 2, len(X))

    model = fit_with(
        recorder, X, noise, early_stopping=True, epochs=60, learning_rate=0.05
    )

    assert model.n_iter_ > model.best_epoch_
    np.testing.assert_array_equal(
        recorder.last.predict_proba(X), model.predict_proba(X)
    )


@pytest.mark.parametrize("cls", [MLPClassifier, MLPRegressor])
def test_a_callback_stops_the_fit(cls, X, two_classes):
    recorder = Recorder(stop_after=3)

    model = fit_with(recorder, X, two_classes, cls)

    assert model.status_ == "stopped by a callback"
    assert model.n_iter_ == len(model.history_) == len(recorder.seen) == 3
    assert recorder.events[-2:] == ["end fit", "teardown"]
    alone = cls(**{**SETTINGS, "epochs": 3}).fit(X, two_classes)
    np.testing.assert_allclose(model.predict(X), alone.predict(X), rtol=1e-9)


def test_a_stopped_fit_still_keeps_the_best_weights(X, two_classes):
    noise = np.random.default_rng(0).integers(0, 2, len(X))
    parameters = {"early_stopping": True, "epochs": 60, "learning_rate": 0.05}
    whole = MLPClassifier(**{**SETTINGS, **parameters}).fit(X, noise)
    assert whole.n_iter_ > whole.best_epoch_ + 2

    recorder = Recorder(stop_after=whole.best_epoch_ + 2)
    model = fit_with(recorder, X, noise, **parameters)

    assert model.status_ == "stopped by a callback"
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"dropout": 0.3},
        {"early_stopping": True, "epochs": 70, "patience": 3},
        {"learning_rate_schedule": "cosine"},
    ],
    ids=str,
)
def test_callbacks_do_not_change_the_result(parameters, X, two_classes):
    plain = MLPClassifier(**{**SETTINGS, **parameters}).fit(X, two_classes)

    watched = fit_with(Recorder(), X, two_classes, **parameters)

    assert watched.history_.equals(plain.history_)
    assert watched.status_ == plain.status_
    np.testing.assert_array_equal(watched.predict_proba(X), plain.predict_proba(X))


def test_any_callback_may_stop_the_fit(X, two_classes):
    silent, stopping = Recorder(), Recorder(stop_after=2)
    model = MLPClassifier(**SETTINGS).set_callbacks(silent, stopping)

    model.fit(X, two_classes)

    assert model.n_iter_ == len(silent.seen) == len(stopping.seen) == 2


def test_an_error_in_a_callback_ends_the_fit(X, two_classes):
    recorder = Recorder(fails=True)
    model = MLPClassifier(**SETTINGS).set_callbacks(recorder)

    with pytest.raises(RuntimeError, match="the callback failed"):
        model.fit(X, two_classes)

    assert recorder.events[-1] == "teardown"


def test_partial_fit_notifies_callbacks(X, two_classes):
    recorder = Recorder()
    model = MLPClassifier(**SETTINGS).set_callbacks(recorder)

    model.partial_fit(X, two_classes).partial_fit(X, two_classes)

    assert recorder.events.count("end epoch") == 2
    assert recorder.events.count("teardown") == 2
