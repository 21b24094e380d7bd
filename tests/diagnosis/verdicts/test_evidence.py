"""Evidence from rows, counted and worked by hand."""

import numpy as np
import pytest
from scipy import sparse

from skdl.diagnosis.verdicts._evidence import (
    MOST_COLUMNS,
    MOST_ROWS,
    adversarial_validation,
    gather_evidence,
    residual_signal,
)
from tests.diagnosis.verdicts.evaluated_rows import NOT_KNOWN, judged


@pytest.fixture
def random():
    return np.random.default_rng(0)


# Means and their errors.


def test_losses_are_means_with_their_standard_error():
    train = judged(np.arange(4.0)[:, None], [0, 0, 0, 2], constant=0.5)
    validation = judged(np.arange(3.0)[:, None], [0, 1, 2], 0.0, constant=0.5)

    found = gather_evidence(train, validation)

    assert (found.n_train, found.n_val) == (4, 3)
    assert found.train_loss == 1.0  # of 0, 0, 0 and 4
    assert found.val_loss == pytest.approx(5 / 3)  # of 0, 1 and 4
    assert found.standard_error == pytest.approx(np.std([0, 1, 4], ddof=1) / 3**0.5)
    assert found.baseline == pytest.approx((0.25 + 0.25 + 2.25) / 3)
    assert found.shift_error == pytest.approx(np.sqrt(8 / (12 * 4 * 3)))


def test_one_row_on_either_side_is_evidence_of_little():
    row = judged(np.ones((1, 2)), [1.0])

    found = gather_evidence(row, row)

    assert (found.standard_error, found.shift) == (0.0, 0.5)
    assert (found.copies, found.copies_expected) == (1.0, 0.0)


def test_a_loss_that_is_not_known_has_no_baseline():
    rows = judged(np.eye(3), [0, 1, 2], loss=NOT_KNOWN)

    assert np.isnan(gather_evidence(rows, rows).baseline)
    assert gather_evidence(rows, rows).val_loss == pytest.approx(5 / 3)


# Shifts.


def test_copies_on_one_side_do_not_tell_it(random):
    rows = judged(np.repeat(random.normal(size=(200, 3)), 2, axis=0), np.zeros(400))
    others = judged(np.repeat(random.normal(size=(60, 3)), 2, axis=0), np.zeros(120))

    found = gather_evidence(rows, others)

    assert abs(found.shift - 0.5) < 4 * found.shift_error
    assert found.shift_error == pytest.approx(np.sqrt(261 / (12 * 200 * 60)))


def test_of_wide_tables_some_columns_are_looked_at(random):
    X = random.normal(size=(300, 2 * MOST_COLUMNS))
    X[:, 7] *= 3
    rows = judged(X, np.sign(X[:, 3]))
    others = random.normal(size=(200, 2 * MOST_COLUMNS))
    others[:, 7] += 12
    moved = judged(others, np.sign(others[:, 3]))

    assert adversarial_validation(rows, moved) > 0.8
    assert residual_signal(rows, rows) > 0.3
    as_sparse = judged(sparse.csr_matrix(X), np.sign(X[:, 3]))
    assert residual_signal(as_sparse, as_sparse) == pytest.approx(
        residual_signal(rows, rows), abs=0.02
    )


def test_rows_of_one_kind_cannot_be_told_apart(random):
    rows = judged(random.normal(size=(400, 3)), random.normal(size=400))
    others = judged(random.normal(size=(200, 3)), random.normal(size=200))
    found = gather_evidence(rows, others)

    assert abs(found.shift - 0.5) < 3 * found.shift_error


def test_rows_of_two_kinds_can_be_told_apart(random):
    rows = judged(random.normal(size=(200, 3)), random.normal(size=200))
    moved = judged(3 + random.normal(size=(100, 3)), random.normal(size=100))
    by_target = judged(random.normal(size=(100, 3)), 5 + random.normal(size=100))

    assert adversarial_validation(rows, moved) > 0.95
    assert adversarial_validation(rows, by_target) > 0.95
    as_sparse = [
        judged(sparse.csr_matrix(part.features), part.targets) for part in (rows, moved)
    ]
    assert adversarial_validation(*as_sparse) > 0.95


def test_two_rows_cannot_be_told_apart(random):
    rows = judged(random.normal(size=(200, 3)), random.normal(size=200))

    assert adversarial_validation(rows, judged(9 + np.zeros((2, 3)), [0, 0])) == 0.5


# Weights.


def test_weighted_rows_count_as_often(random):
    """Whole weights are rows that are there more than once."""
    X, y = random.normal(size=(60, 2)), random.normal(size=60)
    times = random.integers(1, 4, size=60)
    several = judged(np.repeat(X, times, axis=0), np.repeat(y, times))
    weighted = judged(X, y, weights=times / times.mean())

    found, expected = (gather_evidence(one, one) for one in (weighted, several))

    assert found.val_loss == pytest.approx(expected.val_loss)
    assert found.baseline == pytest.approx(expected.baseline)
    middle = np.average(y**2, weights=times)
    error = np.sqrt(((times / times.mean() * (y**2 - middle)) ** 2).sum() / 59 / 60)
    assert found.standard_error == pytest.approx(error)


def test_what_is_left_to_learn_of_weighted_rows_is_a_share():
    X = np.repeat([0.0, 1.0], 50)[:, None]
    targets, weights = np.repeat([0.0, 1.0], 50), np.repeat([0.2, 1.8], 50)
    told = judged(X, targets, predictions=0.9, weights=weights)  # the weighted mean

    assert residual_signal(told, told) == pytest.approx(1.0)


# What is left to learn.


def test_what_a_forest_predicts_of_the_errors_is_left_to_learn():
    """A step that is predicted as 0: a forest knows all of it, so all is left."""
    X = np.repeat([0.0, 1.0], 50)[:, None]
    targets = np.repeat([-1.0, 1.0], 50)

    assert residual_signal(judged(X, targets), judged(X, targets)) == pytest.approx(1.0)
    half = judged(X, targets, predictions=targets / 2)  # a quarter of the squares
    assert residual_signal(half, half) == pytest.approx(0.25)
    all_of_it = judged(X, targets, predictions=targets)
    assert residual_signal(all_of_it, all_of_it) == 0.0


def test_the_share_is_of_a_constant_that_is_the_mean_of_training_rows():
    X = np.repeat([0.0, 1.0], 50)[:, None]
    train = judged(X, np.repeat([4.0, 6.0], 50), predictions=5.0)
    validation = judged(X, np.repeat([6.0, 8.0], 50), predictions=5.0)
    # Errors are -1 and 1 in training, 1 and 3 in validation; the constant is 5.
    expected = ((1 + 9) - (4 + 4)) / (1 + 9)

    assert residual_signal(train, validation) == pytest.approx(expected)


def test_noise_is_not_left_to_learn(random):
    train = judged(random.normal(size=(600, 3)), random.normal(size=600))
    validation = judged(random.normal(size=(300, 3)), random.normal(size=300))

    assert residual_signal(train, validation) < 0.01


def test_of_several_outputs_all_count():
    X = np.repeat([0.0, 1.0], 50)[:, None]
    step = np.repeat([-1.0, 1.0], 50)
    rows = judged(X, np.column_stack([step, step]), np.column_stack([step, 0 * step]))

    assert residual_signal(rows, rows) == pytest.approx(0.5)


def test_sparse_rows_are_taken_too(random):
    X = sparse.random(200, 5, 0.5, random_state=0, format="csr")
    targets = 10 * X.toarray()[:, 0]
    rows = judged(X, targets, targets.mean())

    dense = judged(X.toarray(), targets, targets.mean())
    assert residual_signal(rows, rows) == pytest.approx(
        residual_signal(dense, dense), 1e-2
    )


def test_a_constant_target_leaves_nothing():
    rows = judged(np.eye(10), np.zeros(10), predictions=0.5)

    assert residual_signal(rows, rows) == 0.0


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_predictions_that_overflowed_leave_it_unknown(value):
    predictions = np.zeros(10)
    predictions[3] = value
    sound = judged(np.eye(10), np.arange(10.0))
    broken = judged(np.eye(10), np.arange(10.0), predictions)

    assert np.isnan(residual_signal(broken, sound))
    assert np.isnan(residual_signal(sound, broken))
    found = gather_evidence(broken, broken)
    assert not np.isfinite(found.val_loss)
    assert not np.isfinite(found.standard_error)


def test_many_rows_are_looked_at_in_part_and_always_the_same(random):
    n = MOST_ROWS + 500
    X = random.normal(size=(n, 2))
    rows = judged(X, X[:, 0], X[:, 1])

    found = gather_evidence(rows, rows)

    assert (found.n_train, found.n_val) == (n, n)
    assert found.val_loss == pytest.approx(rows.losses.mean())  # of all of them
    assert found == gather_evidence(rows, rows)
