"""A weight of 2 equals a duplicate row, a weight of 0 a dropped row."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.02,
    "epochs": 15,
    "random_state": 0,
}
ONE_BATCH = {**SETTINGS, "batch_size": "full"}
WAYS = {
    "plain": {},
    "dropout": {"dropout": 0.3},
    "noise": {"input_noise": 0.3},
    "batch norm": {"batch_norm": True},
    "all of it": {
        "dropout": 0.3,
        "input_noise": 0.1,
        "batch_norm": "after",
        "l2": 0.01,
        "early_stopping": True,
    },
}
TASKS = [
    (MLPClassifier, "two_classes"),
    (MLPClassifier, "three_classes"),
    (MLPRegressor, "quantity"),
]
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
each_task = pytest.mark.parametrize(("cls", "target"), TASKS)


@pytest.fixture(scope="module")
def counts(X):
    """How often each row occurs: 0 to 3 times."""
    return np.random.default_rng(4).integers(0, 4, size=len(X))


def assert_same_predictions(first, second, X):
    if isinstance(first, MLPClassifier):
        outputs = first.decision_function(X), second.decision_function(X)
    else:
        outputs = first.predict(X), second.predict(X)
    np.testing.assert_allclose(*outputs, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("cls", "target", "way"),
    [(*TASKS[0], way) for way in WAYS] + [(*task, "all of it") for task in TASKS[1:]],
)
def test_a_weight_equals_a_number_of_duplicates(cls, target, way, X, counts, request):
    way = WAYS[way]
    y = request.getfixturevalue(target)
    repeated = cls(**ONE_BATCH, **way).fit(X.repeat(counts, axis=0), y.repeat(counts))

    weighted = cls(**ONE_BATCH, **way).fit(X, y, sample_weight=counts)

    assert_same_predictions(weighted, repeated, X)
    np.testing.assert_allclose(weighted.history_, repeated.history_, rtol=1e-7)


def test_the_order_of_duplicates_does_not_matter(X, two_classes, counts):
    order = np.random.default_rng(5).permutation(counts.sum())
    rows = np.arange(len(X)).repeat(counts)[order]
    model = MLPClassifier(**ONE_BATCH, **WAYS["all of it"])
    repeated = model.fit(X[rows], two_classes[rows])

    weighted = MLPClassifier(**model.get_params())
    weighted.fit(X, two_classes, sample_weight=counts)

    assert_same_predictions(weighted, repeated, X)


@each_way
def test_a_weight_of_zero_leaves_the_row_out_of_small_batches(way, X, two_classes):
    weights = np.ones(len(X))
    weights[::5] = 0
    kept = weights > 0

    weighted = MLPClassifier(**SETTINGS, **way).fit(X, two_classes, weights)
    without = MLPClassifier(**SETTINGS, **way).fit(X[kept], two_classes[kept])

    np.testing.assert_array_equal(weighted.predict_proba(X), without.predict_proba(X))
    assert weighted.history_.equals(without.history_)


def test_a_class_of_weight_zero_is_still_a_class(X, three_classes):
    weights = (three_classes != 2).astype(float)

    model = MLPClassifier(**ONE_BATCH).fit(X, three_classes, weights)

    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (len(X), 3)


@each_task
def test_only_the_ratio_of_weights_matters(cls, target, X, counts, request):
    y = request.getfixturevalue(target)

    once = cls(**SETTINGS).fit(X, y, sample_weight=counts)
    tripled = cls(**SETTINGS).fit(X, y, sample_weight=3.0 * counts)

    assert_same_predictions(once, tripled, X)


def test_weights_of_a_regressor_move_the_mean(X):
    y = np.where(np.arange(len(X)) < 40, 0.0, 10.0)
    weights = np.where(y > 0, 3.0, 1.0)
    linear = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": "full"}
    model = MLPRegressor((), **linear, epochs=300, random_state=0)

    model.fit(np.zeros_like(X), y, sample_weight=weights)

    np.testing.assert_allclose(model.predict(np.zeros((1, 4))), 7.5, rtol=1e-6)


@pytest.fixture(scope="module")
def unbalanced(X):
    return np.array(["rare", "usual", "usual", "usual"] * 20)


def test_class_weights_are_sample_weights(X, unbalanced):
    factors = {"rare": 2.5, "usual": 0.5}

    model = MLPClassifier(**SETTINGS, class_weight=factors).fit(X, unbalanced)

    weights = np.where(unbalanced == "rare", 2.5, 0.5)
    expected = MLPClassifier(**SETTINGS).fit(X, unbalanced, sample_weight=weights)
    assert_same_predictions(model, expected, X)


def test_unlisted_classes_have_weight_one(X, unbalanced):
    model = MLPClassifier(**SETTINGS, class_weight={"rare": 3}).fit(X, unbalanced)

    weights = np.where(unbalanced == "rare", 3, 1)
    expected = MLPClassifier(**SETTINGS).fit(X, unbalanced, sample_weight=weights)
    assert_same_predictions(model, expected, X)


def test_balanced_gives_every_class_the_same_total(X, unbalanced):
    model = MLPClassifier(**SETTINGS, class_weight="balanced").fit(X, unbalanced)

    weights = compute_sample_weight("balanced", unbalanced)
    expected = MLPClassifier(**SETTINGS).fit(X, unbalanced, sample_weight=weights)
    assert_same_predictions(model, expected, X)
    unweighted = MLPClassifier(**SETTINGS).fit(X, unbalanced)
    assert np.abs(model.predict_proba(X) - unweighted.predict_proba(X)).max() > 0.01


def test_balanced_counts_by_weight(X, unbalanced, counts):
    repeated = MLPClassifier(**ONE_BATCH, class_weight="balanced").fit(
        X.repeat(counts, axis=0), unbalanced.repeat(counts)
    )

    weighted = MLPClassifier(**ONE_BATCH, class_weight="balanced").fit(
        X, unbalanced, sample_weight=counts
    )

    assert_same_predictions(weighted, repeated, X)


def test_class_weights_multiply_sample_weights(X, unbalanced, counts):
    model = MLPClassifier(**SETTINGS, class_weight={"rare": 3}).fit(
        X, unbalanced, sample_weight=counts
    )

    weights = counts * np.where(unbalanced == "rare", 3, 1)
    expected = MLPClassifier(**SETTINGS).fit(X, unbalanced, sample_weight=weights)
    assert_same_predictions(model, expected, X)


def test_class_weights_apply_to_validation_rows(X, unbalanced):
    model = MLPClassifier(**SETTINGS, class_weight={"rare": 3}).fit(
        X, unbalanced, X_val=X, y_val=unbalanced
    )

    log_proba = model.predict_log_proba(X)[np.arange(80), (unbalanced != "rare") * 1]
    weights = np.where(unbalanced == "rare", 3, 1)
    expected = -np.average(log_proba, weights=weights)
    np.testing.assert_allclose(model.history_["val_loss"].iloc[-1], expected)


def test_balanced_with_several_labels_is_a_product(X, two_labels):
    y = two_labels.copy()
    y[:30, 0] = 1

    model = MLPClassifier(**SETTINGS, class_weight="balanced").fit(X, y)

    weights = compute_sample_weight("balanced", y)
    expected = MLPClassifier(**SETTINGS).fit(X, y, sample_weight=weights)
    assert_same_predictions(model, expected, X)
