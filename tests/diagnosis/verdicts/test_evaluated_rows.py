"""What an estimator says about its rows, against its history and scikit-learn."""

import keras
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier
from sklearn.neural_network import MLPRegressor as ScikitLearnRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skdl import KerasClassifier, KerasRegressor, MLPClassifier, MLPRegressor
from skdl.diagnosis.verdicts._evaluated_rows import evaluate_rows
from skdl.exceptions import DataError

pytestmark = pytest.mark.slow  # compiles many networks

N = 120
X, LABELS = make_classification(
    n_samples=N, n_features=5, n_informative=4, n_redundant=0, n_classes=3,
    random_state=0,
)  # fmt: skip
QUANTITY = 50 + 10 * X[:, 0] ** 2 + X[:, 1]
TARGETS = {
    "binary": LABELS % 2,
    "multiclass": np.array(["a", "b", "c"])[LABELS],
    "multilabel": np.column_stack([LABELS > 0, X[:, 0] > 0]).astype(int),
    "squared_error": QUANTITY,
    "absolute_error": QUANTITY,
    "huber": np.column_stack([QUANTITY, 1000 * X[:, 2]]),
}
SETTINGS = {
    "early_stopping": True,
    "epochs": 4,
    "random_state": 0,
    "learning_rate": 0.02,
    "validation_fraction": 0.25,
}


def network_for(kind):
    if kind.endswith("error") or kind == "huber":
        return MLPRegressor((6,), loss=kind, **SETTINGS)
    return MLPClassifier((6,), **SETTINGS)


@pytest.fixture(scope="module")
def fitted():
    """One network per kind of target, and its rows as judged."""
    networks = {kind: network_for(kind).fit(X, y) for kind, y in TARGETS.items()}
    return {
        kind: (network, *evaluate_rows(network, X, TARGETS[kind]))
        for kind, network in networks.items()
    }


def best_row(network):
    return network.history_.iloc[network.best_epoch_ - 1]


# Against the history.


@pytest.mark.parametrize("kind", TARGETS)
def test_losses_are_those_of_the_history(fitted, kind):
    network, train, validation = fitted[kind]

    assert (len(train), len(validation)) == (90, 30) or kind in ("binary", "multiclass")
    assert len(train) + len(validation) == N
    assert validation.losses.mean() == pytest.approx(
        best_row(network)["val_loss"], rel=1e-4
    )
    assert validation.losses.shape == (len(validation),)
    assert train.loss.is_known


# Against scikit-learn.


def test_of_labels_they_are_cross_entropy(fitted):
    for kind in ("binary", "multiclass"):
        network, train, validation = fitted[kind]
        labels = network.classes_[validation.targets.argmax(axis=1)]
        probabilities = network.predict_proba(validation.given)
        np.testing.assert_allclose(validation.predictions, probabilities)
        assert validation.losses.mean() == pytest.approx(
            log_loss(labels, probabilities, labels=network.classes_), rel=1e-6
        )
        shares = train.targets.mean(axis=0)
        constant = np.tile(shares, (len(validation), 1))
        assert validation.constant_losses.mean() == pytest.approx(
            log_loss(labels, constant, labels=network.classes_)
        )


def test_of_several_labels_they_are_means_over_labels(fitted):
    network, _, validation = fitted["multilabel"]
    probabilities = network.predict_proba(validation.given)

    by_label = [
        log_loss(validation.targets[:, label], probabilities[:, label])
        for label in (0, 1)
    ]
    assert validation.losses.mean() == pytest.approx(np.mean(by_label), rel=1e-5)


def test_of_quantities_they_are_standardised_errors(fitted):
    scale = QUANTITY.std()  # of all rows of the fit, as the network does it
    for kind, metric, unit, middle in (
        ("squared_error", mean_squared_error, scale**2, np.mean),
        ("absolute_error", mean_absolute_error, scale, np.median),
    ):
        network, train, validation = fitted[kind]
        y, y_train = (
            part.targets[:, 0] * scale + QUANTITY.mean() for part in (validation, train)
        )
        error = metric(y, network.predict(validation.given))
        constant = metric(y, np.full(len(y), middle(y_train)))
        assert validation.losses.mean() == pytest.approx(error / unit, rel=1e-5)
        assert validation.constant_losses.mean() == pytest.approx(constant / unit)


def test_of_several_quantities_they_are_means(fitted):
    network, train, validation = fitted["huber"]
    y = TARGETS["huber"]
    error = np.abs(y - network.predict(X)) / y.std(axis=0)

    by_output = np.where(error < 1, 0.5 * error**2, error - 0.5)
    whole = np.concatenate([train.losses, validation.losses])
    np.testing.assert_allclose(np.sort(whole), np.sort(by_output.mean(axis=1)), 1e-4)


def test_the_constant_of_huber_is_the_best_one(fitted):
    _, train, _ = fitted["huber"]
    grid = np.linspace(-2, 2, 400)

    for output in (0, 1):
        error = np.abs(train.targets[:, [output]] - grid)
        losses = np.where(error < 1, 0.5 * error**2, error - 0.5).mean(axis=0)
        constant = train.loss.best_constant(train.targets, train.scale)[output]
        assert constant == pytest.approx(grid[losses.argmin()], abs=0.011)


# Estimators that are not skdl's own networks.


def test_scikit_learn_halves_squares_and_adds_labels():
    # The loss of the one epoch is that of the weights before it, at such a rate kept.
    options = {"alpha": 0.0, "batch_size": N, "learning_rate_init": 1e-9}
    several = ScikitLearnClassifier((6,), **options, random_state=0)
    several.partial_fit(X, TARGETS["multilabel"], classes=[0, 1])
    one = ScikitLearnClassifier((6,), **options, random_state=0)
    one.partial_fit(X, LABELS, classes=[0, 1, 2])
    quantity = ScikitLearnRegressor("squared_error", (6,), **options, random_state=0)
    quantity.partial_fit(X, QUANTITY)

    for network, y in (
        (several, TARGETS["multilabel"]),
        (one, LABELS),
        (quantity, QUANTITY),
    ):
        train, validation = evaluate_rows(network, X, y)
        assert validation is None
        assert train.loss.is_known
        assert train.losses.mean() == pytest.approx(network.loss_, rel=1e-6)


def keras_network(outputs, activation, own_loss=None):
    layers = [keras.Input((5,)), keras.layers.Dense(outputs, activation=activation)]
    model = keras.Sequential(layers)
    if own_loss is not None:
        model.compile("sgd", own_loss)
    return model


def test_wrapped_models_hold_out_the_last_rows():
    y = TARGETS["multiclass"]
    network = KerasClassifier(
        keras_network, outputs=3, activation="softmax", epochs=2, verbose=0,
        own_loss=keras.losses.sparse_categorical_crossentropy,
        validation_split=0.25, random_state=0,
    ).fit(X, y)  # fmt: skip

    train, validation = evaluate_rows(network, X, y)

    np.testing.assert_array_equal(validation.given, X[90:])
    assert len(train) == 90
    assert train.loss.is_known
    expected = network.history_["val_loss"][-1]
    assert validation.losses.mean() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("loss", ["mse", keras.losses.MeanAbsoluteError()])
def test_wrapped_models_learn_quantities_as_they_are(loss):
    network = KerasRegressor(
        keras_network, outputs=1, activation="linear", loss=loss, epochs=1,
        validation_split=0.25, random_state=0, verbose=0,
    ).fit(X, QUANTITY)  # fmt: skip

    _, validation = evaluate_rows(network, X, QUANTITY)

    expected = network.history_["val_loss"][-1]
    assert validation.losses.mean() == pytest.approx(expected, rel=1e-4)
    assert validation.loss.is_known


def test_a_loss_that_is_not_known_is_said_to_be_so():
    network = KerasRegressor(
        keras_network, outputs=1, activation="linear", loss="log_cosh", epochs=1,
        random_state=0, verbose=0,
    ).fit(X, QUANTITY)  # fmt: skip
    train, validation = evaluate_rows(network, X, QUANTITY, X, QUANTITY)

    assert not train.loss.is_known
    assert train.loss.name == "squared_error"
    squares = (QUANTITY - network.predict(X)) ** 2
    np.testing.assert_allclose(validation.losses, squares, rtol=1e-5)


# Which rows were held out.


@pytest.mark.parametrize(
    "steps", [[StandardScaler()], [PCA(5)], [StandardScaler(), PCA(5)]]
)
def test_they_are_found_behind_the_steps_of_a_pipeline(steps, fitted):
    pipeline = make_pipeline(*steps, MLPClassifier((6,), **SETTINGS))
    pipeline.fit(X, TARGETS["binary"])

    train, validation = evaluate_rows(pipeline, X, TARGETS["binary"])

    assert validation.losses.mean() == pytest.approx(
        best_row(pipeline[-1])["val_loss"], rel=1e-4
    )
    assert train.features.shape == (len(train), pipeline[-1].n_features_in_)
    nested = make_pipeline("passthrough", pipeline)
    again = evaluate_rows(nested, X, TARGETS["binary"])[1]
    np.testing.assert_array_equal(again.given, validation.given)


def test_columns_of_text_and_odd_indices():
    frame = pd.DataFrame(X[:, :3], columns=list("abc"), index=X[:, 0])
    frame["kind"] = np.array(["x", "y"])[TARGETS["binary"]]
    y = pd.Series(TARGETS["multiclass"], index=X[:, 1], dtype="string")
    encoder = ColumnTransformer(
        [("kind", OneHotEncoder(), ["kind"])], remainder="passthrough"
    )
    pipeline = make_pipeline(encoder, MLPClassifier((6,), **SETTINGS)).fit(frame, y)

    train, validation = evaluate_rows(pipeline, frame, y)

    assert list(validation.given) == list(frame)
    assert train.features.shape[1] == 5
    assert validation.losses.mean() == pytest.approx(
        best_row(pipeline[-1])["val_loss"], rel=1e-4
    )


class Jittered(StandardScaler):
    """Gives other numbers in fit than afterwards, and others each time."""

    def fit_transform(self, X, y=None):
        return super().fit_transform(X) + np.random.default_rng().normal(size=X.shape)


def test_they_are_not_known_where_fit_saw_other_numbers():
    pipeline = make_pipeline(Jittered(), MLPClassifier((6,), **SETTINGS))
    pipeline.fit(X, TARGETS["binary"])

    assert evaluate_rows(pipeline, X, TARGETS["binary"])[1] is None


@pytest.mark.parametrize(
    "form",
    [
        lambda y: y[:, None],
        lambda y: y.astype(bool),
        lambda y: pd.Series(y, index=-X[:, 0], dtype="category"),
        lambda y: y.tolist(),
        lambda y: y.astype(str).astype(object),
    ],
)
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_targets_of_every_form_are_judged_alike(fitted, form):
    _, _, expected = fitted["binary"]
    y = form(TARGETS["binary"])

    _, validation = evaluate_rows(network_for("binary").fit(X, y), X, y)

    np.testing.assert_array_equal(validation.given, expected.given)
    np.testing.assert_allclose(validation.losses, expected.losses, rtol=1e-4)


def test_sparse_rows_and_targets_are_judged_as_dense_ones(fitted):
    _, _, expected = fitted["multilabel"]
    y = sparse.csr_matrix(TARGETS["multilabel"])
    rows = sparse.coo_matrix(X)
    network = network_for("multilabel").fit(rows, y)

    _, validation = evaluate_rows(network, rows, y)

    assert sparse.issparse(validation.features)
    np.testing.assert_allclose(validation.features.toarray(), expected.features)
    np.testing.assert_allclose(validation.losses, expected.losses, rtol=1e-4)


def test_a_constant_target_has_no_scale(fitted):
    network, *_ = fitted["squared_error"]
    y = np.full(N, 0.1)

    train, _ = evaluate_rows(network, X, y, X, y)

    np.testing.assert_allclose(train.targets, 0.0, atol=1e-12)
    assert train.constant_losses.max() < 1e-12


# What is refused.


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((X, LABELS[:5]), "X and y must have the same number of rows.*120 .* and 5 in"),
        ((X, LABELS, X[:7], LABELS[:5]), "X_val and y_val must have the same .*7 rows"),
        ((X, LABELS, X[:0], LABELS[:0]), "at least one. Got 0 rows in X_val"),
        ((X, LABELS, X[:5], None), "needs X_val and y_val together.*Got no y_val"),
        ((X, LABELS, None, LABELS), "needs X_val and y_val together.*Got no X_val"),
        ((X, LABELS), r"fitted to: \['a', 'b', 'c'\]. Got \[.*\] as well. Pass the y"),
        (
            (X, TARGETS["multilabel"], X, TARGETS["multilabel"]),
            "must have 3 columns.*Got 2. Pass the y of the",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused(fitted, rows, message):
    network = fitted["multiclass"][0]

    with pytest.raises(DataError, match=message):
        evaluate_rows(network, *rows)


def test_labels_of_another_type_are_other_labels(fitted):
    network = fitted["binary"][0]

    with pytest.raises(DataError, match=r"Got \['0', '1'\] as well|Got \['1', '0'\]"):
        evaluate_rows(network, X, TARGETS["binary"].astype(str))
