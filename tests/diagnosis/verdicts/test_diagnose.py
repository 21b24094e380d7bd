"""`diagnose` on real, small trainings, and on all that it may be given."""

import keras
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skdl import ConvClassifier, KerasClassifier, MLPClassifier, MLPRegressor
from skdl.diagnosis import diagnose
from skdl.exceptions import DivergenceWarning
from tests.diagnosis.verdicts.example_trainings import SETTINGS

# One training per verdict.


def test_a_sound_training_is_a_good_fit(sound):
    diagnosis = sound.diagnose()

    assert diagnosis.verdict.code == "good_fit"
    assert len(diagnosis.findings) == 1
    assert diagnosis.unanswered == ()
    assert str(diagnosis) == "Diagnosis: good_fit (note): a good fit"
    history = sound.estimator.history_
    assert diagnosis.evidence.val_loss == pytest.approx(history["val_loss"].min(), 1e-4)
    shares = np.bincount(sound.y) / len(sound.y)
    constant = np.tile(shares, (200, 1))
    assert diagnosis.baseline == pytest.approx(log_loss(sound.y_val, constant))


def test_a_diverged_training(diverged):
    diagnosis = diverged.diagnose()

    assert diagnosis.verdict.code == "diverged"
    assert diagnosis.measures is None
    assert diagnosis.verdict.suggestion == {"learning_rate": 0.001, "clip_norm": 1.0}


def test_copies_of_training_rows(trained, train, validation):
    (X, y), (X_val, y_val) = train, validation
    X_val = np.vstack([X[:60] + 1e-4, X_val[60:]])
    y_val = np.concatenate([y[:60], y_val[60:]])

    diagnosis = trained(train, (X_val, y_val), early_stopping=True).diagnose()

    assert diagnosis.verdict.code == "too_alike"
    assert diagnosis.verdict.numbers["copies"] == 0.3


def test_rows_that_were_repeated_before_the_split(trained, train):
    """Copies among the training rows do not make those across the split natural."""
    order = np.random.default_rng(0).permutation(800)
    X, y = (np.concatenate([part, part])[order] for part in train)

    run = trained((X[:600], y[:600]), (X[600:], y[600:]), early_stopping=True)
    diagnosis = run.diagnose()

    numbers = diagnosis.verdict.numbers
    assert diagnosis.verdict.code == "too_alike"
    assert numbers["copies"] - numbers["copies_expected"] < 0.05
    assert numbers["repeated"] == numbers["copies"]
    assert "no coincidence" in diagnosis.verdict.meaning


@pytest.mark.parametrize("seed", [0, 1])
def test_copies_that_early_stopping_kept_together_are_no_other_kind(train, seed):
    X, y = (np.concatenate([part, part]) for part in train)
    network = MLPClassifier(**{**SETTINGS, "random_state": seed}, early_stopping=True)

    diagnosis = diagnose(network.fit(X, y), X=X, y=y)

    assert diagnosis.verdict.code == "good_fit"
    assert diagnosis.evidence.copies == diagnosis.evidence.repeated == 0
    assert abs(diagnosis.evidence.shift - 0.5) < 0.1


def test_validation_rows_of_another_kind(trained, train, validation):
    X_val, y_val = validation

    diagnosis = trained(train, (X_val + 1.5, y_val), early_stopping=True).diagnose()

    assert diagnosis.verdict.code == "unrepresentative_data"
    assert diagnosis.verdict.severity == "problem"
    assert diagnosis.verdict.suggestion == {}


def test_another_kind_without_a_gap_is_noted_beside_the_verdict(
    trained, train, validation
):
    (X, y), (X_val, y_val) = train, validation
    day, later = (
        np.full((len(part), 1), place) for part, place in ((X, 0), (X_val, 1))
    )

    run = trained((np.hstack([X, day]), y), (np.hstack([X_val, 0.01 * later]), y_val))
    diagnosis = run.diagnose()

    found = [(one.code, one.severity) for one in diagnosis.findings]
    assert found == [("good_fit", "note"), ("unrepresentative_data", "note")]
    assert diagnosis.evidence.shift > 0.95
    assert "no visible harm" in diagnosis.findings[1].meaning


@pytest.mark.parametrize("n_rows", [10, 2, 1])
def test_few_validation_rows(trained, train, validation, n_rows):
    few = tuple(part[:n_rows] for part in validation)

    diagnosis = trained(train, few, epochs=10).diagnose()

    assert diagnosis.verdict.code == "validation_too_small"
    assert diagnosis.verdict.numbers["n_val"] == n_rows


def test_rows_that_are_not_those_of_the_history_are_not_judged(trained, rows):
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**SETTINGS))
    names = list("abcd")
    X, X_val = (50 * pd.DataFrame(rows[part], columns=names) for part in ("X", "X_val"))
    taken = StandardScaler().fit(X).transform(X_val)
    routed = {"mlpclassifier__X_val": taken, "mlpclassifier__y_val": rows["y_val"]}
    pipeline.fit(X, rows["y"], **routed)
    targets = {"y": rows["y"], "y_val": rows["y_val"]}

    sound = diagnose(pipeline, X=X, X_val=X_val, **targets)
    assert sound.verdict.code == "good_fit"
    assert sound.unanswered == ()
    diagnosis = diagnose(pipeline, X=X, X_val=taken, **targets)
    assert diagnosis.evidence is None
    assert "unrepresentative_data" not in [one.code for one in diagnosis.findings]
    assert "but the history ends at" in diagnosis.unanswered[0]
    assert (
        "in the form that the pipeline takes, before its first step"
        in diagnosis.unanswered[0]
    )


@pytest.mark.parametrize("class_weight", ["balanced", {1: 20}])
def test_class_weights_count_as_in_the_fit(train, class_weight):
    X, y = train
    kept = np.flatnonzero((y == 0) | (np.arange(len(y)) % 8 == 0))
    X, y = X[kept], y[kept]
    network = MLPClassifier(
        **SETTINGS, early_stopping=True, class_weight=class_weight,
        validation_fraction=0.25,
    ).fit(X, y)  # fmt: skip

    found = diagnose(network, X=X, y=y)

    history = network.history_["val_loss"].min()
    assert found.evidence.val_loss == pytest.approx(history, rel=1e-4)
    assert -1 < found.evidence.residual_signal < 1
    if class_weight == "balanced":
        assert found.baseline == pytest.approx(np.log(2), abs=0.02)


def test_targets_that_say_nothing(trained, train, validation):
    (X, y), (X_val, y_val) = train, validation
    shuffle = np.random.default_rng(0).permutation
    run = trained((X, shuffle(y)), (X_val, shuffle(y_val)), early_stopping=True)

    diagnosis = run.diagnose()

    assert diagnosis.verdict.code == "no_better_than_baseline"
    assert diagnosis.verdict.numbers["baseline"] == diagnosis.baseline


def test_a_rate_too_high(trained, train, validation):
    diagnosis = trained(train, validation, learning_rate=0.5).diagnose()

    assert diagnosis.verdict.code == "high_learning_rate"
    assert diagnosis.verdict.suggestion == {"learning_rate": 0.001}


def test_rows_learnt_by_heart(trained, train, validation):
    X, y = (part[:100] for part in train)
    y = np.where(np.random.default_rng(0).uniform(size=100) < 0.2, 1 - y, y)

    diagnosis = trained((X, y), validation, epochs=400).diagnose()

    assert diagnosis.verdict.code == "overfit_capacity"
    assert diagnosis.verdict.suggestion == {"early_stopping": True}


def test_rows_learnt_by_heart_of_a_network_that_was_not_validated(rows):
    (X, y), (X_val, y_val) = (rows["X"][:100], rows["y"][:100]), list(rows.values())[2:]
    y = np.where(np.random.default_rng(0).uniform(size=100) < 0.2, 1 - y, y)
    network = MLPClassifier(**{**SETTINGS, "epochs": 400}).fit(X, y)

    assert diagnose(network, X=X, y=y).verdict.code == "not_validated"
    diagnosis = diagnose(network, X=X, y=y, X_val=X_val, y_val=y_val)

    assert diagnosis.verdict.code == "overfit_capacity"
    assert diagnosis.verdict.numbers["val_loss"] == pytest.approx(
        log_loss(y_val, network.predict_proba(X_val)), 1e-4
    )
    assert diagnosis.verdict.suggestion == {"early_stopping": True}


@pytest.mark.parametrize("is_sparse", [False, True])
def test_columns_that_are_not_scaled(trained, train, validation, is_sparse):
    scales = np.array([1000.0, 0.1, 1.0, 1.0], dtype=np.float32)
    as_given = sparse.csr_matrix if is_sparse else np.asarray
    parts = [(as_given(part[0] * scales), part[1]) for part in (train, validation)]

    diagnosis = trained(*parts).diagnose()

    assert diagnosis.verdict.code == "unscaled_features"
    assert diagnosis.verdict.severity == "problem"
    assert diagnosis.verdict.numbers["n_large"] == 1
    assert diagnosis.verdict.numbers["largest_scale"] == pytest.approx(1000, rel=0.1)


def test_columns_are_measured_behind_the_steps(train):
    X, y = train
    network = MLPClassifier(**{**SETTINGS, "epochs": 3})
    pipeline = make_pipeline(StandardScaler(), network).fit(1000 * X, y)

    found = diagnose(pipeline, X=1000 * X, y=y)

    assert "unscaled_features" not in [finding.code for finding in found.findings]


def test_the_suggestion_helps_what_was_stopped_too_early(trained, train, validation):
    run = trained(train, validation, epochs=4, learning_rate=0.001)
    diagnosis = run.diagnose()

    assert diagnosis.verdict.code == "stopped_too_early"
    after = clone(run.estimator).set_params(**diagnosis.verdict.suggestion)
    after.fit(*train, X_val=validation[0], y_val=validation[1])
    before = run.estimator.history_["val_loss"].min()
    assert after.history_["val_loss"].min() < before


def test_a_network_too_narrow(trained, train, validation):
    run = trained(train, validation, hidden_layer_sizes=(1,))
    diagnosis = run.diagnose()

    assert diagnosis.verdict.code == "underfit_capacity"
    assert diagnosis.verdict.suggestion == {
        "hidden_layer_sizes": (64,),
        "early_stopping": True,
    }


# Estimators of all kinds.


def test_behind_steps_suggestions_have_a_prefix(train, validation, diverged):
    network = clone(diverged.estimator).set_params(epochs=2)
    pipeline = make_pipeline(StandardScaler(), make_pipeline("passthrough", network))
    with pytest.warns(DivergenceWarning):
        pipeline.fit(*train)

    diagnosis = diagnose(pipeline, X=train[0], y=train[1])

    assert diagnosis.verdict.code == "diverged"
    suggestion = diagnosis.verdict.suggestion
    assert suggestion["pipeline__mlpclassifier__learning_rate"] == 0.001
    assert pipeline.set_params(**suggestion)[-1][-1].learning_rate == 0.001


def test_rows_go_through_the_steps_once(train, validation):
    counted = []

    class Counted(StandardScaler):
        def transform(self, X, copy=None):
            counted.append(len(X))
            return super().transform(X, copy=copy)

    (X, y), (X_val, y_val) = train, validation
    network = MLPClassifier(**{**SETTINGS, "epochs": 3}, early_stopping=True)
    pipeline = make_pipeline(Counted(), make_pipeline("passthrough", network))
    pipeline.fit(X, y)

    counted.clear()
    found = diagnose(pipeline, X=X, y=y)
    assert counted == [400]
    assert found.evidence.n_val == 40
    assert found.evidence.val_loss == pytest.approx(
        pipeline[-1][-1].history_["val_loss"].min(), rel=1e-4
    )

    # Without a validation loss any rows will do.
    pipeline.set_params(pipeline__mlpclassifier__early_stopping=False).fit(X, y)
    counted.clear()
    given = diagnose(pipeline, X=X, y=y, X_val=X_val, y_val=y_val)
    assert counted == [400, 200]
    assert given.evidence.val_loss == pytest.approx(
        log_loss(y_val, pipeline.predict_proba(X_val)), rel=1e-6
    )


def test_rows_that_early_stopping_held_out_are_found(train):
    X = pd.DataFrame(train[0], columns=list("abcd"), index=-train[0][:, 0])
    y = pd.Series(np.array(["no", "yes"])[train[1]], index=X.index)
    frame = X.assign(kind=np.where(X["a"] > 0, "<up>", "down"))
    encoder = ColumnTransformer([("kind", OneHotEncoder(drop="first"), ["kind"])])
    encoder.set_params(remainder="passthrough")
    network = MLPClassifier(**SETTINGS, early_stopping=True, validation_fraction=0.2)
    pipeline = make_pipeline(encoder, network).fit(frame, y)

    diagnosis = diagnose(pipeline, X=frame, y=y)

    assert diagnosis.unanswered == ()
    assert (diagnosis.evidence.n_train, diagnosis.evidence.n_val) == (320, 80)
    expected = pipeline[-1].history_["val_loss"].min()
    assert diagnosis.evidence.val_loss == pytest.approx(expected, rel=1e-4)


def test_of_rows_that_are_not_known_it_is_said_why(sound, train):
    rows = {"X": train[0], "y": train[1]}
    beginning = "leakage, distribution shift and residual signal: "

    [unanswered, baseline] = diagnose(sound.estimator, **rows).unanswered
    assert unanswered.startswith(f"{beginning}the rows held out cannot be recovered")
    assert "pass X_val and y_val, or a loss as 'baseline'" in baseline
    other = clone(sound.estimator)
    other.__dict__.update(vars(sound.estimator))
    other.random_state = None
    assert "fit with an integer random_state" in diagnose(other, **rows).unanswered[0]
    other.early_stopping = False
    assert diagnose(other, **rows).unanswered[0] == (
        f"{beginning}pass the X_val and y_val that you passed to fit"
    )


def test_rows_held_out_before_the_first_epoch_diverged_are_not_found(train):
    network = MLPClassifier(**{**SETTINGS, "learning_rate": 1e35}, early_stopping=True)
    with pytest.warns(DivergenceWarning):
        network.fit(*train)

    [reason, *_] = diagnose(network, X=train[0], y=train[1]).unanswered

    assert reason.endswith(
        "cannot be recovered, because no epoch has a finite loss; pass X_val and y_val"
    )


def test_without_rows_the_curves_and_parameters_are_judged(sound):
    diagnosis = diagnose(sound.estimator)

    assert diagnosis.verdict.code == "good_fit"
    assert diagnosis.evidence is None
    assert diagnosis.unanswered == (
        "leakage, distribution shift and residual signal: pass the estimator with the "
        "X and y of its fit",
        "whether it beats a baseline: pass X and y, or a loss as 'baseline'",
    )


@pytest.mark.parametrize("form", ["flat", "column", "constant"])
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_quantities(form, train, validation):
    X, X_val = train[0], validation[0]
    y, y_val = (5 + 100 * part[:, 0] * part[:, 1] for part in (X, X_val))
    if form == "column":
        y, y_val = y[:, None], y_val[:, None]
    if form == "constant":
        y, y_val = np.full(len(X), 0.1), np.full(len(X_val), 0.1)
    network = MLPRegressor(**SETTINGS, early_stopping=True)
    network.fit(X, y, X_val=X_val, y_val=y_val)

    diagnosis = diagnose(network, X=X, y=y, X_val=X_val, y_val=y_val)

    assert np.isfinite(diagnosis.evidence.residual_signal)
    if form == "constant":
        assert diagnosis.verdict.code == "no_better_than_baseline"
        assert diagnosis.baseline == pytest.approx(0.0, abs=1e-12)
        return
    assert diagnosis.baseline == pytest.approx((y_val - y.mean()).var() / y.var(), 0.05)
    assert diagnosis.verdict.code not in ("diverged", "no_better_than_baseline")


def test_images_and_sparse_rows(train, validation):
    (X, y), (X_val, y_val) = train, validation
    images, images_val = (part.reshape(-1, 2, 2) for part in (X, X_val))
    network = ConvClassifier((2,), epochs=2, hidden_layer_sizes=(), random_state=0)
    network.fit(images, y, X_val=images_val, y_val=y_val)

    diagnosis = diagnose(network, X=images, y=y, X_val=images_val, y_val=y_val)
    assert diagnosis.verdict.code == "stopped_too_early"
    assert diagnosis.evidence.n_val == 200

    rows, rows_val = sparse.coo_array(X), sparse.csr_matrix(X_val)
    network = MLPClassifier((4,), epochs=2, random_state=0)
    network.fit(rows, y, X_val=rows_val, y_val=y_val)
    found = diagnose(network, X=rows, y=y, X_val=rows_val, y_val=y_val)
    assert found.verdict.code == "stopped_too_early"


def test_a_wrapped_keras_model(train):
    def build():
        layers = [keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")]
        return keras.Sequential(layers)

    network = KerasClassifier(
        build, loss="binary_crossentropy", epochs=3, validation_split=0.25,
        random_state=0, optimizer="sgd", optimizer__learning_rate=1e-4, verbose=0,
    )  # fmt: skip
    network.fit(*train)

    diagnosis = diagnose(network, X=train[0], y=train[1])

    assert diagnosis.evidence.n_val == 100
    assert diagnosis.unanswered == ()
    assert diagnosis.verdict.code == "stopped_too_early"
    assert diagnosis.verdict.suggestion == {"optimizer__learning_rate": 0.01}
    assert diagnosis.curves.source == "KerasClassifier"


def test_a_network_of_scikit_learn_that_stopped_early(train):
    network = ScikitLearnClassifier((8,), early_stopping=True, random_state=0)
    network.fit(*train)

    diagnosis = diagnose(network)

    assert diagnosis.verdict.code == "not_validated"
    best = max(network.validation_scores_)
    assert f"held-out rows was best, {best:.3g}, in epoch " in diagnosis.verdict.meaning
    assert diagnosis.verdict.suggestion == {}  # it does so already
    assert diagnosis.unanswered[-1] == (
        "overfitting: the history has no validation loss, only a validation score"
    )


def test_a_network_of_scikit_learn(train, rows):
    network = ScikitLearnClassifier((2,), max_iter=30, random_state=0)
    with pytest.warns(ConvergenceWarning):
        network.fit(*train)

    alone = diagnose(network)
    assert alone.verdict.code == "not_validated"
    assert alone.verdict.suggestion == {"early_stopping": True}
    assert alone.unanswered[-1] == "overfitting: the history has no validation loss"
    diagnosis = diagnose(network, **rows)
    assert diagnosis.unanswered == (
        "when overfitting began: the history has no validation loss",
    )
    assert diagnosis.evidence.n_val == 200
    [reason, *_] = diagnose(network, X=train[0], y=train[1]).unanswered
    assert reason.endswith("there are no validation rows; pass X_val and y_val")


def test_a_network_of_scikit_learn_that_stops_early(train):
    network = ScikitLearnRegressor(
        hidden_layer_sizes=(4,),
        early_stopping=True,
        random_state=0,
        max_iter=900,
        learning_rate_init=0.02,
    ).fit(train[0], train[1] * 50.0)

    diagnosis = diagnose(network, X=train[0], y=train[1] * 50.0)

    assert diagnosis.curves.status.startswith("stopped early: the validation score")
    assert diagnosis.unanswered[0].endswith(
        "the rows held out are unknown; pass X_val and y_val"
    )


def test_a_loss_that_is_not_known_here_is_named(train, rows):
    network = ScikitLearnRegressor("poisson", (4,), max_iter=5, random_state=0)
    with pytest.warns(ConvergenceWarning):
        network.fit(train[0], train[1])

    diagnosis = diagnose(network, **rows)

    assert diagnosis.baseline is None
    assert (
        "whether it beats a baseline: diagnose cannot compute the loss it minimises; "
        "pass a loss as 'baseline'"
    ) in diagnosis.unanswered
