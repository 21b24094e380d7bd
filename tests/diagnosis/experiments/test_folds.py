"""Folds, standard errors and the one-standard-error rule."""

import numpy as np
import pytest
from sklearn.model_selection import PredefinedSplit

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis.experiments._folds import (
    is_stratified,
    one_standard_error,
    split_rows,
    standard_errors,
)
from skdl.exceptions import DataError, ParameterError

X = np.arange(24.0).reshape(12, 2)
LABELS = np.array(["a"] * 8 + ["b"] * 4)


def split(network, y, cv, seed=0):
    return split_rows(
        network, X, y, cv=cv, function="f", random_state=np.random.RandomState(seed)
    )


def test_standard_errors_by_hand():
    # Means of the folds: 1, 2, 6; their standard deviation is sqrt(7).
    values = np.array([[[0.0, 2.0], [2.0, 2.0], [5.0, 7.0]]])

    np.testing.assert_allclose(standard_errors(values), [np.sqrt(7 / 3)])


def test_standard_error_of_a_single_fold_is_that_of_the_repeats():
    np.testing.assert_allclose(standard_errors(np.array([[[1.0, 3.0]]])), [1.0])
    assert np.isnan(standard_errors(np.array([[[1.0]]]))).all()


def test_one_standard_error_by_hand():
    losses = np.array([5.4, 4.8, 4.4, 4.5, 4.3])
    sizes = np.array([10, 25, 100, 200, 150])

    # 4.3 + 0.2 reaches 4.4 and 4.5; of these and the best, 100 is the smallest.
    assert one_standard_error(losses, np.full(5, 0.2), sizes) == (4, 2, 4.5)
    assert one_standard_error(losses, np.full(5, 2.0), sizes)[1] == 0
    assert one_standard_error(losses, np.full(5, np.nan), sizes) == (4, 4, 4.3)


def test_the_error_that_counts_is_that_of_the_best():
    errors = np.array([9.0, 0.0])

    assert one_standard_error(np.array([2.0, 1.0]), errors, np.array([1, 2]))[1] == 1


def test_ties_go_to_the_smaller_and_diverged_ones_are_not_chosen():
    losses = np.array([np.nan, 1.0, 1.0])

    assert one_standard_error(losses, np.ones(3), np.array([1, 3, 2])) == (2, 2, 2.0)


def test_a_number_of_folds_is_shuffled_and_stratified_by_class():
    for train, test in split(MLPClassifier(), LABELS, 4):
        assert sorted(LABELS[test]) == ["a", "a", "b"]
        assert sorted([*train, *test]) == list(range(12))
    tests = [test.tolist() for _, test in split(MLPRegressor(), X[:, 0], 4)]

    assert sorted(row for test in tests for row in test) == list(range(12))
    assert tests != [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert tests == [test.tolist() for _, test in split(MLPRegressor(), X[:, 0], 4)]


def test_other_splits_are_taken_as_they_are():
    single = [(np.arange(9), np.arange(9, 12))]
    folds = PredefinedSplit([-1] * 6 + [0, 0, 0, 1, 1, 1])

    assert split(MLPClassifier(), LABELS, single)[0][1].tolist() == [9, 10, 11]
    assert [len(test) for _, test in split(MLPClassifier(), LABELS, folds)] == [3, 3]


def test_a_number_of_folds_can_be_drawn_anew():
    def tests(network, y):
        drawn = split_rows(
            network,
            X,
            y,
            cv=2,
            function="f",
            random_state=np.random.RandomState(0),
            n_repeats=3,
        )
        return [test for _, test in drawn]

    found = tests(MLPClassifier(), LABELS)
    assert [sorted(LABELS[test]) for test in found] == [["a"] * 4 + ["b"] * 2] * 6
    assert len({tuple(test) for test in found}) == 6
    assert [len(test) for test in tests(MLPRegressor(), X[:, 0])] == [6] * 6


def test_only_one_label_per_row_is_stratified_by():
    assert is_stratified(MLPClassifier(), LABELS)
    assert is_stratified(MLPClassifier(), LABELS.tolist())
    assert not is_stratified(MLPRegressor(), np.arange(12))
    assert not is_stratified(MLPClassifier(), X > 5)
    # What is no label is refused by `fit`, which says why.
    assert not is_stratified(MLPClassifier(), np.array(["a", None, "a"], dtype=object))


def test_errors():
    with pytest.raises(ParameterError, match=r"'cv' parameter of f .* Got 1 instead"):
        split(MLPClassifier(), LABELS, 1)
    for cv in (None, "5", 2.5):
        with pytest.raises(
            ParameterError, match=r"'cv' parameter of f must be a numbe"
        ):
            split(MLPClassifier(), LABELS, cv)
    with pytest.raises(DataError, match=r"f needs y, one target per row of X"):
        split(MLPClassifier(), None, 2)
    with pytest.raises(DataError, match=r"f cannot split the rows into folds: .*cv"):
        split(MLPRegressor(), X[:, 0], 13)
