"""Which training rows early stopping holds out.

Which rows train is seen from outside: the loss of the first full batch, before any
step, moves with the weight of a row if and only if that row is in the batch.
"""

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate

from skdl import MLPClassifier, MLPRegressor, training

SETTINGS = {
    "hidden_layer_sizes": (8,),
    "batch_size": "full",
    "epochs": 1,
    "early_stopping": True,
    "random_state": 0,
}
LONGER = {**SETTINGS, "epochs": 12, "learning_rate": 0.05, "patience": 3}


def held_out(estimator, X, y, *, weights=None, **fit_parameters):
    """Which rows of a classifier are held out."""
    weights = np.ones(len(X)) if weights is None else weights

    def first_loss(row=None):
        heavier = weights.copy()
        if row is not None:
            heavier[row] *= 1.001
        estimator.fit(X, y, sample_weight=heavier, **fit_parameters)
        return estimator.history_["loss"][0]

    usual = first_loss()
    return np.array([abs(first_loss(row) - usual) < 1e-13 for row in range(len(X))])


@pytest.fixture
def jobs(monkeypatch):
    """The jobs that fits pass to the engine."""
    seen = []

    def watched(jobs):
        seen.extend(jobs)
        return training.train(jobs)

    monkeypatch.setattr("skdl.estimators._base.train", watched)
    return seen


@pytest.fixture(scope="module")
def unbalanced(X):
    return (np.arange(len(X)) % 4 == 0).astype(int)


def test_held_out_rows_are_stratified(X, unbalanced):
    model = MLPClassifier(**SETTINGS, validation_fraction=0.2)

    out = held_out(model, X, unbalanced)

    assert np.bincount(unbalanced[out]).tolist() == [12, 4]


def test_held_out_rows_measure_the_validation_loss(X, two_classes):
    out = held_out(MLPClassifier(**SETTINGS), X, two_classes)
    assert out.sum() == 8

    model = MLPClassifier(**LONGER).fit(X, two_classes)
    given = MLPClassifier(**LONGER).fit(
        X[~out], two_classes[~out], X_val=X[out], y_val=two_classes[out]
    )

    np.testing.assert_allclose(model.history_, given.history_, rtol=1e-9)
    np.testing.assert_allclose(
        model.predict_proba(X), given.predict_proba(X), rtol=1e-9
    )


def test_held_out_rows_keep_their_weights(X, two_classes):
    weights = np.random.default_rng(1).uniform(0.5, 2, size=len(X))
    out = held_out(MLPClassifier(**SETTINGS), X, two_classes, weights=weights)

    model = MLPClassifier(**LONGER).fit(X, two_classes, sample_weight=weights)
    given = MLPClassifier(**LONGER).fit(
        X[~out],
        two_classes[~out],
        sample_weight=weights[~out],
        X_val=X[out],
        y_val=two_classes[out],
        sample_weight_val=weights[out],
    )

    np.testing.assert_allclose(model.history_, given.history_, rtol=1e-9)


def test_a_regressor_holds_rows_out(X, jobs):
    MLPRegressor(**SETTINGS, validation_fraction=0.25).fit(X, X[:, 0])

    assert (jobs[0].train.n_samples, jobs[0].validation.n_samples) == (60, 20)


def test_small_tables_of_categories_are_learned():
    random = np.random.default_rng(0)
    X = random.integers(0, 2, size=(400, 2)).astype(float)
    exclusive_or = X.sum(axis=1) == 1
    settings = {"epochs": 60, "learning_rate": 0.05, "early_stopping": True}

    model = MLPClassifier((8,), **settings, random_state=0).fit(X, exclusive_or)
    regressor = MLPRegressor((8,), **settings, random_state=0)
    regressor.fit(X, exclusive_or + 0.01 * random.normal(size=400))

    assert model.score(X, exclusive_or) == 1.0
    assert regressor.score(X, exclusive_or) > 0.95


def test_several_labels_per_row_hold_rows_out(X, two_labels):
    out = held_out(MLPClassifier(**SETTINGS), X, two_labels)

    assert out.sum() == 8


def test_another_seed_holds_out_other_rows(X, two_classes):
    first = held_out(MLPClassifier(**SETTINGS), X, two_classes)
    second = held_out(MLPClassifier(**{**SETTINGS, "random_state": 1}), X, two_classes)

    assert (first != second).any()


def test_order_of_rows_does_not_matter(X, two_classes):
    order = np.random.default_rng(2).permutation(len(X))
    out = held_out(MLPClassifier(**SETTINGS), X, two_classes)

    of_shuffled = held_out(MLPClassifier(**SETTINGS), X[order], two_classes[order])

    np.testing.assert_array_equal(of_shuffled, out[order])


def test_duplicates_are_held_out_together(X, two_classes):
    copies = np.arange(len(X)) % 20
    model = MLPClassifier(**SETTINGS, validation_fraction=0.3)

    out = held_out(model, X[copies], two_classes[copies])

    assert 0 < out.sum() < len(X)
    for copy in range(20):
        assert len(set(out[copies == copy])) == 1


def test_a_weight_of_two_is_held_out_like_two_duplicates(X, two_classes):
    rows = np.repeat(np.arange(40), 2)
    twice = held_out(MLPClassifier(**SETTINGS), X[rows], two_classes[rows])

    once = held_out(
        MLPClassifier(**SETTINGS), X[:40], two_classes[:40], weights=np.full(40, 2.0)
    )

    np.testing.assert_array_equal(twice, np.repeat(once, 2))


@pytest.fixture(scope="module")
def patients(X):
    return np.array([f"patient {row % 8}" for row in range(len(X))])


def assert_whole_groups(out, groups):
    assert out.sum() == 20
    assert len(np.intersect1d(groups[out], groups[~out])) == 0


def test_groups_are_not_split(X, two_classes, patients):
    model = MLPClassifier(**SETTINGS, validation_fraction=0.25)

    out = held_out(model, X, two_classes, groups=patients)

    assert_whole_groups(out, patients)


def test_groups_of_a_regressor_are_not_split(X, patients, jobs):
    model = MLPRegressor(**SETTINGS, validation_fraction=0.25)

    model.fit(X, X[:, 0], groups=patients)

    validation = jobs[0].validation.features
    out = np.array([(validation == row).all(axis=1).any() for row in X])

    assert_whole_groups(out, patients)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def routed(routing):
    """An estimator that requests groups and weights."""
    model = MLPClassifier(**LONGER).set_fit_request(groups=True, sample_weight=True)
    return model.set_score_request(sample_weight=False)


@pytest.fixture(scope="module")
def groups(X):
    return np.arange(len(X)) // 5


@pytest.fixture(scope="module")
def weights(X):
    return np.random.default_rng(3).uniform(0.5, 2, size=len(X))


def assert_same_network(first, second, X):
    np.testing.assert_allclose(
        first.decision_function(X), second.decision_function(X), rtol=1e-9
    )


def test_groups_are_routed_by_cross_validate(routed, X, two_classes, groups, weights):
    folds = GroupKFold(4)
    scores = cross_validate(
        routed,
        X,
        two_classes,
        cv=folds,
        params={"groups": groups, "sample_weight": weights},
        return_estimator=True,
    )

    splits = folds.split(X, two_classes, groups)
    for model, (train, _) in zip(scores["estimator"], splits, strict=True):
        alone = MLPClassifier(**LONGER)
        alone.fit(X[train], two_classes[train], weights[train], groups=groups[train])
        assert_same_network(model, alone, X)
        ungrouped = alone.fit(X[train], two_classes[train], weights[train])
        assert np.abs(model.predict_proba(X) - ungrouped.predict_proba(X)).max() > 1e-3


def test_groups_are_routed_by_a_search(routed, X, two_classes, groups, weights):
    search = GridSearchCV(routed, {"l2": [0.0, 0.1]}, cv=GroupKFold(4))

    search.fit(X, two_classes, groups=groups, sample_weight=weights)

    alone = MLPClassifier(**LONGER, **search.best_params_)
    alone.fit(X, two_classes, weights, groups=groups)
    assert_same_network(search.best_estimator_, alone, X)


def test_rows_of_the_test_fold_are_never_used(X, two_classes):
    folds = list(KFold(4, shuffle=True, random_state=0).split(X))
    _, scored = folds[0]
    other_X, other_y = X.copy(), two_classes.copy()
    other_X[scored] = 100.0
    other_y[scored] = 1 - other_y[scored]

    def first_model(X, y):
        scores = cross_validate(
            MLPClassifier(**LONGER), X, y, cv=folds, return_estimator=True
        )
        return scores["estimator"][0], scores["test_score"][0]

    model, score = first_model(X, two_classes)
    same, other_score = first_model(other_X, other_y)

    assert model.history_.equals(same.history_)
    np.testing.assert_array_equal(model.predict_proba(X), same.predict_proba(X))
    assert score != other_score
