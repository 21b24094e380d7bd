"""Continuing from an earlier fit: `warm_start` and `partial_fit`."""

import pickle

import numpy as np
import pytest

from skdl import MLPClassifier, MLPRegressor

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.01,
    "shuffle": False,
    "random_state": 0,
}
PLAIN_SGD = {**SETTINGS, "optimizer": "sgd"}


def epoch_by_epoch(model, X, y, n_epochs):
    for _ in range(n_epochs):
        model.partial_fit(X, y)
    return model


@pytest.mark.parametrize(
    "parameters",
    [
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
        {"optimizer": "adam"},
        {"optimizer": "adamw"},
        {"optimizer": "nadam"},
        {"optimizer": "adam", "batch_norm": True},
    ],
    ids=str,
)
def test_epochs_one_by_one_equal_one_fit(parameters, X, two_classes):
    at_once = MLPClassifier(**SETTINGS, **parameters, epochs=4).fit(X, two_classes)

    model = MLPClassifier(**SETTINGS, **parameters, epochs=4)
    epoch_by_epoch(model, X, two_classes, 4)

    np.testing.assert_allclose(
        model.decision_function(X), at_once.decision_function(X), rtol=1e-9
    )
    np.testing.assert_allclose(model.history_, at_once.history_, rtol=1e-9)
    assert list(model.history_) == list(at_once.history_)
    assert model.n_iter_ == at_once.n_iter_ == 4


def test_a_regressor_continues_too(X, quantity):
    at_once = MLPRegressor(**SETTINGS, epochs=4).fit(X, quantity)

    model = epoch_by_epoch(MLPRegressor(**SETTINGS), X, quantity, 4)

    np.testing.assert_allclose(model.predict(X), at_once.predict(X), rtol=1e-9)
    assert model.history_["epoch"].tolist() == [1, 2, 3, 4]


def test_partial_fit_on_parts_of_the_rows(X, two_classes):
    in_parts = MLPClassifier(**PLAIN_SGD, batch_size=40)
    for _ in range(3):
        for part in (slice(0, 40), slice(40, 80)):
            in_parts.partial_fit(X[part], two_classes[part])

    at_once = MLPClassifier(**PLAIN_SGD, batch_size=40, epochs=3).fit(X, two_classes)

    np.testing.assert_allclose(
        in_parts.decision_function(X), at_once.decision_function(X), rtol=1e-9
    )


def test_partial_fit_continues_after_a_pickle(X, two_classes):
    model = epoch_by_epoch(MLPClassifier(**SETTINGS), X, two_classes, 2)

    copy = pickle.loads(pickle.dumps(model))

    np.testing.assert_array_equal(
        epoch_by_epoch(copy, X, two_classes, 2).predict_proba(X),
        epoch_by_epoch(model, X, two_classes, 2).predict_proba(X),
    )


def test_partial_fit_takes_weights(X, two_classes):
    weights = np.random.default_rng(0).integers(1, 4, size=len(X))
    full_batch = {**SETTINGS, "batch_size": "full"}

    weighted = MLPClassifier(**full_batch)
    weighted.partial_fit(X, two_classes, sample_weight=weights)

    repeated = MLPClassifier(**full_batch)
    repeated.partial_fit(X.repeat(weights, axis=0), two_classes.repeat(weights))
    np.testing.assert_allclose(
        weighted.decision_function(X), repeated.decision_function(X), rtol=1e-9
    )


def test_partial_fit_reshuffles_each_epoch(X, two_classes):
    # Without memory, the moving statistics are those of the epoch's last batch.
    still = {"learning_rate": 1e-12, "batch_norm": True, "batch_norm_momentum": 0.0}
    model = MLPClassifier(**{**PLAIN_SGD, **still, "shuffle": True})
    statistics = []
    for _ in range(3):
        model.partial_fit(X, two_classes)
        statistics.append(model.model_.non_trainable_weights[0].numpy())

    assert np.abs(statistics[0] - statistics[1]).max() > 1e-3
    assert np.abs(statistics[1] - statistics[2]).max() > 1e-3


def test_the_first_call_lists_later_classes(X, two_classes):
    names = np.array(["a", "b", "c"])
    first = two_classes == 0
    model = MLPClassifier(**SETTINGS)

    model.partial_fit(X[first], names[two_classes[first]], classes=names[::-1])
    model.partial_fit(X, names[two_classes])

    assert model.classes_.tolist() == names.tolist()
    assert model.predict_proba(X).shape == (len(X), 3)


def test_an_unlisted_class_is_refused(X, two_classes):
    model = MLPClassifier(**SETTINGS).partial_fit(X, two_classes)

    with pytest.raises(ValueError, match=r"must hold the classes \[0, 1\]. Got \[2\]"):
        model.partial_fit(X, 2 * two_classes)


def test_the_scale_of_y_is_that_of_the_first_call(X, quantity):
    model = MLPRegressor(**SETTINGS).partial_fit(X, quantity)
    before = model.predict(X)

    model.partial_fit(X, 1000 * quantity, sample_weight=np.full(len(X), 1e-3))

    assert model.history_["loss"].iloc[1] > 1e5
    assert np.abs(model.predict(X) - before).max() < 10


def test_other_columns_are_refused(X, two_classes):
    model = MLPClassifier(**SETTINGS).partial_fit(X, two_classes)

    with pytest.raises(ValueError, match="X has 3 features, but MLPClassifier is exp"):
        model.partial_fit(X[:, :3], two_classes)


def test_warm_start_keeps_the_weights(X, two_classes):
    at_once = MLPClassifier(**PLAIN_SGD, epochs=6).fit(X, two_classes)

    model = MLPClassifier(**PLAIN_SGD, epochs=3, warm_start=True)
    model.fit(X, two_classes)
    model.set_params(random_state=1).fit(X, two_classes)

    np.testing.assert_allclose(
        model.decision_function(X), at_once.decision_function(X), rtol=1e-9
    )
    np.testing.assert_allclose(
        model.history_["loss"], at_once.history_["loss"][3:], rtol=1e-9
    )
    assert model.n_iter_ == 3
    assert model.history_["epoch"].tolist() == [1, 2, 3]


def test_warm_start_keeps_the_moving_statistics(X, two_classes):
    settings = {**PLAIN_SGD, "batch_norm": True}
    at_once = MLPClassifier(**settings, epochs=6).fit(X, two_classes)

    model = MLPClassifier(**settings, epochs=3, warm_start=True)
    model.fit(X, two_classes).fit(X, two_classes)

    np.testing.assert_allclose(
        model.decision_function(X), at_once.decision_function(X), rtol=1e-9
    )


def test_without_warm_start_fit_starts_afresh(X, two_classes):
    model = MLPClassifier(**SETTINGS, epochs=3)
    first = model.fit(X, two_classes).predict_proba(X)

    second = model.fit(X, two_classes).predict_proba(X)

    np.testing.assert_array_equal(first, second)


def test_without_warm_start_columns_and_classes_may_change(X, three_classes):
    model = MLPClassifier(**SETTINGS, epochs=3).fit(X[:, :3], three_classes == 0)

    model.fit(X, three_classes)

    assert model.n_features_in_ == 4
    assert model.classes_.tolist() == [0, 1, 2]


def test_warm_start_of_another_network_is_refused(X, two_classes):
    model = MLPClassifier(**SETTINGS, epochs=1, warm_start=True).fit(X, two_classes)
    model.set_params(hidden_layer_sizes=(9,))

    with pytest.raises(
        ValueError, match=r"stay the same.*Restore 'hidden_layer_sizes'"
    ):
        model.fit(X, two_classes)


@pytest.mark.parametrize("change", [[2, 1], [5, 6], ["a", "b"]])
def test_warm_start_with_other_classes_is_refused(change, X, two_classes):
    model = MLPClassifier(**SETTINGS, epochs=1, warm_start=True).fit(X, two_classes)

    with pytest.raises(ValueError, match=r"y must hold the classes \[0, 1\]. Got "):
        model.fit(X, np.array(change)[two_classes])


def test_warm_start_with_other_outputs_is_refused(X, quantity):
    model = MLPRegressor(**SETTINGS, epochs=1, warm_start=True).fit(X, quantity)

    with pytest.raises(ValueError, match=r"y must have 1 outputs.* Got 2"):
        model.fit(X, np.column_stack([quantity, quantity]))


def test_fit_after_partial_fit_starts_afresh(X, two_classes):
    expected = MLPClassifier(**SETTINGS, epochs=2).fit(X, two_classes)

    model = MLPClassifier(**SETTINGS, epochs=2).partial_fit(X, two_classes)
    model.fit(X, two_classes)

    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert model.n_iter_ == 2


def test_partial_fit_continues_after_fit(X, two_classes):
    at_once = MLPClassifier(**PLAIN_SGD, epochs=4).fit(X, two_classes)

    model = MLPClassifier(**PLAIN_SGD, epochs=3).fit(X, two_classes)
    model.partial_fit(X, two_classes)

    np.testing.assert_allclose(
        model.decision_function(X), at_once.decision_function(X), rtol=1e-9
    )
    assert model.n_iter_ == 4


def test_partial_fit_follows_the_schedule(X):
    model = MLPRegressor(
        (), learning_rate_schedule="exponential", learning_rate=0.1, epochs=4
    )
    for _ in range(5):
        model.partial_fit(X, X[:, 0])
    whole = MLPRegressor(
        (), learning_rate_schedule="exponential", learning_rate=0.1, epochs=4
    ).fit(X, X[:, 0])

    rates = model.history_["learning_rate"].to_numpy()
    np.testing.assert_allclose(rates[:4], whole.history_["learning_rate"], rtol=1e-6)
    assert rates[4] == pytest.approx(0.001)


def test_partial_fit_with_another_optimizer_resets_its_state(X, two_classes):
    model = MLPClassifier((8,), random_state=0).partial_fit(X, two_classes)
    before = model.loss_
    model.set_params(optimizer="sgd").partial_fit(X, two_classes)
    assert model.n_iter_ == 2
    assert model.loss_ < before


def test_balanced_partial_fit_keeps_classes_that_come_later(X):
    y = np.digitize(X[:, 0], [-0.5, 0.5])
    first = y < 2
    model = MLPClassifier((8,), class_weight="balanced", learning_rate=0.05)
    model.partial_fit(X[first], y[first], classes=[0, 1, 2])
    for _ in range(60):
        model.partial_fit(X, y)
    assert set(model.predict(X)) == {0, 1, 2}


def test_warm_start_updates_class_weights(X, two_classes):
    model = MLPClassifier((8,), warm_start=True, epochs=30, random_state=0)
    usual = model.fit(X, two_classes).predict_proba(X)[:, 1].mean()
    model.set_params(class_weight={0: 1, 1: 50}).fit(X, two_classes)
    assert model.predict_proba(X)[:, 1].mean() > usual + 0.1
