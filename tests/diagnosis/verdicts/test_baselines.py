"""What a network must beat, against what scikit-learn makes of the same rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier
from skdl.diagnosis import diagnose
from skdl.exceptions import ParameterError

NAN, INF = float("nan"), float("inf")


def test_a_baseline_that_is_a_number(sound):
    low = diagnose(sound.estimator, baseline=0.01)

    assert low.baseline == 0.01
    assert low.verdict.code == "no_better_than_baseline"
    assert sound.diagnose(baseline=np.float32(0.5)).baseline == 0.5
    assert "baseline" not in str(diagnose(sound.estimator, baseline=1).unanswered)


@pytest.mark.parametrize(
    "baseline",
    [
        LogisticRegression(),
        DummyClassifier(strategy="prior"),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
)
def test_a_baseline_that_is_a_classifier(sound, baseline):
    diagnosis = sound.diagnose(baseline=baseline)

    probabilities = clone(baseline).fit(sound.X, sound.y).predict_proba(sound.X_val)
    assert diagnosis.baseline == pytest.approx(
        log_loss(sound.y_val, probabilities), rel=1e-3
    )
    assert not hasattr(baseline, "classes_")  # it was cloned
    assert diagnosis.verdict.code == "good_fit"


def test_a_baseline_that_is_a_pipeline_reads_rows_as_they_were_given(train, validation):
    X, X_val = (
        pd.DataFrame(part, columns=list("abcd")) for part in (train[0], validation[0])
    )
    network = MLPClassifier((32,), epochs=2, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network).fit(X, train[1])
    rows = {"X": X, "y": train[1], "X_val": X_val, "y_val": validation[1]}
    by_name = ColumnTransformer([("a", "passthrough", ["a"])])
    baseline = make_pipeline(by_name, LogisticRegression())

    found = diagnose(pipeline, **rows, baseline=baseline).baseline

    probabilities = clone(baseline).fit(X, train[1]).predict_proba(X_val)
    assert found == pytest.approx(log_loss(validation[1], probabilities))


def test_a_baseline_of_several_labels_or_quantities(train, validation):
    (X, _), (X_val, _) = train, validation
    several, several_val = ((part[:, :2] > 0).astype(int) for part in (X, X_val))
    network = ScikitLearnClassifier((2,), max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        network.fit(X, several)
    rows = {"X": X, "y": several, "X_val": X_val, "y_val": several_val}
    neighbours = KNeighborsClassifier(15)

    found = diagnose(network, **rows, baseline=neighbours).baseline

    probabilities = clone(neighbours).fit(X, several).predict_proba(X_val)
    by_label = [
        log_loss(several_val[:, label], np.clip(probabilities[label], 1e-7, 1 - 1e-7))
        for label in (0, 1)
    ]
    assert found == pytest.approx(np.sum(by_label))  # scikit-learn adds labels up

    y, y_val = X[:, :2] * [1.0, 100.0], X_val[:, :2] * [1.0, 100.0]
    quantity = ScikitLearnRegressor(
        hidden_layer_sizes=(2,), max_iter=3, random_state=0, learning_rate_init=1e-4
    )
    with pytest.warns(ConvergenceWarning):
        quantity.fit(X, y)
    rows = {"X": X, "y": y, "X_val": X_val, "y_val": y_val}
    ridge = Ridge(10.0)
    found = diagnose(quantity, **rows, baseline=ridge).baseline
    error = (ridge.fit(X, y).predict(X_val) - y_val) ** 2
    assert found == pytest.approx(0.5 * error.mean(), rel=1e-5)
    mean = diagnose(quantity, **rows, baseline=DummyRegressor()).baseline
    assert mean == pytest.approx(diagnose(quantity, **rows).baseline)


def test_penalties_are_no_reproach(trained, train, validation):
    """Of a loss with penalties a constant prediction has them too."""
    run = trained(train, validation, l2=0.01, epochs=40)
    losses = run.estimator.history_["val_loss"]

    diagnosis = run.diagnose()

    added = losses.iloc[-1] - diagnosis.evidence.val_loss
    assert added > 0.1
    shares = np.tile(np.bincount(run.y) / len(run.y), (200, 1))
    constant = log_loss(run.y_val, shares)
    assert diagnosis.baseline == pytest.approx(constant + added, rel=1e-4)
    assert run.diagnose(baseline=0.5).baseline == 0.5  # as the user has said


@pytest.mark.parametrize("baseline", ["none", NAN, INF, True, [0.5], DummyClassifier])
def test_a_baseline_is_a_number_or_an_estimator(sound, baseline):
    with pytest.raises(
        ParameterError, match=r"'baseline'.* must be a finite number, or"
    ):
        sound.diagnose(baseline=baseline)


def test_a_baseline_that_cannot_be_compared_is_refused(sound, train, rows):
    with pytest.raises(
        ParameterError, match=r"needs training and validation rows.*Got Dummy"
    ):
        diagnose(sound.estimator, baseline=DummyClassifier())
    with pytest.raises(ParameterError, match="needs training and validation rows"):
        diagnose(sound.estimator, X=sound.X, y=sound.y, baseline=DummyClassifier())
    with pytest.raises(
        ParameterError, match=r"have predict_proba. Got RidgeClassifier"
    ):
        sound.diagnose(baseline=RidgeClassifier())
    network = ScikitLearnRegressor("poisson", (2,), max_iter=2, random_state=0)
    with pytest.warns(ConvergenceWarning):
        network.fit(*train)
    with pytest.raises(ParameterError, match="needs a loss that diagnose can compute"):
        diagnose(network, **rows, baseline=DummyRegressor())
