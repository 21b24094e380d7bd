"""Evidence from rows, counted and worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits

from skdl.diagnosis.verdicts._evaluated_rows import EvaluatedRows
from skdl.diagnosis.verdicts._evidence import (
    MOST_COLUMNS,
    adversarial_validation,
    gather_evidence,
    residual_signal,
)
from skdl.diagnosis.verdicts._leakage import (
    MOST_ROWS,
    share_repeated,
    shares_of_copies,
)
from skdl.diagnosis.verdicts._losses import RowLoss


def judged(features, targets, predictions=0.0, constant=0.0, *, loss=None, weights=1.0):
    """Rows with squared errors, as `evaluate_rows` gives them."""
    targets = np.asarray(targets, dtype=float).reshape(features.shape[0], -1)
    answers, flat = (
        np.broadcast_to(np.asarray(part, dtype=float).reshape(-1, 1), targets.shape)
        if np.ndim(part) < 2
        else part
        for part in (predictions, constant)
    )
    loss = loss or RowLoss("squared_error", is_standardised=True)
    scale = np.ones(targets.shape[1])
    weights = np.broadcast_to(np.asarray(weights, dtype=float), len(targets))
    return EvaluatedRows(
        given=features,
        features=features,
        targets=targets,
        predictions=answers,
        loss=loss,
        scale=scale,
        losses=weights * loss.rows(targets, answers, scale),
        constant_losses=weights * loss.rows(targets, flat, scale),
        weights=weights,
    )


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
    rows = judged(np.eye(3), [0, 1, 2], loss=RowLoss("squared_error", is_known=False))

    assert np.isnan(gather_evidence(rows, rows).baseline)
    assert gather_evidence(rows, rows).val_loss == pytest.approx(5 / 3)


# Copies.


def test_copies_are_counted(random):
    train, validation = random.normal(size=(200, 4)), random.normal(size=(50, 4))
    assert shares_of_copies(train, validation) == (0.0, 0.0)

    validation[:10] = train[30:40]
    assert shares_of_copies(train, validation) == (0.2, 0.0)
    train[:20] = train[20:40]  # which makes 40 rows with a copy
    assert shares_of_copies(train, validation) == (0.2, 0.2)


def test_near_copies_count_and_neighbours_do_not():
    train = np.arange(100.0)[:, None]  # neighbours lie 1 apart
    validation = np.array([[3.05], [7.2], [50.0], [60.5]])

    assert shares_of_copies(train, validation) == (0.5, 0.0)


def test_columns_count_alike_whatever_their_unit_and_offset(random):
    train, validation = random.normal(size=(200, 3)), random.normal(size=(50, 3))
    validation[:5] = train[:5]
    scale, offset = np.array([1.0, 1e6, 1e-4]), np.array([0.0, 3e10, 100.0])

    found = shares_of_copies(offset + scale * train, offset + scale * validation)

    assert found == shares_of_copies(train, validation) == (0.1, 0.0)


def test_copies_are_found_among_many_columns_far_from_the_origin(random):
    """Distances of many columns are differences of squares, which lose digits."""
    train = 1e4 + random.normal(size=(100, 40))
    validation = np.vstack([train[:5], 1e4 + random.normal(size=(15, 40))])

    assert shares_of_copies(train, validation) == (0.25, 0.0)
    tripled = np.vstack([train, train, train])  # where the median distance is 0
    assert shares_of_copies(tripled, validation) == (0.25, 1.0)
    as_sparse = (sparse.csr_matrix(part) for part in (tripled, validation))
    assert shares_of_copies(*as_sparse) == (0.25, 1.0)


def test_a_table_of_few_categories_has_copies_by_nature(random):
    train, validation = random.integers(0, 2, (300, 3)), random.integers(0, 2, (60, 3))

    share, expected = shares_of_copies(train.astype(float), validation.astype(float))

    assert share == expected == 1.0


def test_of_sparse_rows_as_of_dense_ones(random):
    train = (random.uniform(size=(120, 30)) < 0.2) * 1.0
    validation = np.vstack([train[:6], (random.uniform(size=(24, 30)) < 0.2) * 1.0])

    found = shares_of_copies(sparse.csr_matrix(train), sparse.csr_matrix(validation))

    assert found == shares_of_copies(train, validation)
    assert found[0] >= 0.2


def test_a_column_of_one_value_does_not_matter(random):
    train, validation = random.normal(size=(50, 2)), random.normal(size=(10, 2))
    validation[0] = train[0]
    constant = [np.full((len(part), 1), 0.1) for part in (train, validation)]

    wider = [
        np.hstack(both) for both in zip((train, validation), constant, strict=True)
    ]

    assert shares_of_copies(*wider) == shares_of_copies(train, validation) == (0.1, 0)


# Copies that chance did not make.


def repeated(train, validation, y=None, y_val=None):
    given = ((train, y), (validation, y_val))
    targets = [
        np.zeros((part.shape[0], 1)) if one is None else np.reshape(one, (-1, 1))
        for part, one in given
    ]
    return share_repeated(train, validation, *targets)


def split(rows, random):
    order = random.permutation(len(rows))
    return rows[order[: len(rows) * 3 // 4]], rows[order[len(rows) * 3 // 4 :]]


def test_rows_of_rare_values_are_not_twice_by_chance():
    train = np.arange(40.0).reshape(10, 4)
    validation = np.vstack([train[:2], 100 + train[:6]])

    assert repeated(train, validation) == 0.25
    as_sparse = (sparse.csr_matrix(part) for part in (train, validation))
    assert repeated(*as_sparse) == 0.25
    assert repeated(train, 100 + train) == 0.0


@pytest.mark.parametrize("n_values", [2, 3, 5])
def test_rows_of_few_values_are(random, n_values):
    rows = random.integers(0, n_values, (2000, 5)).astype(float)

    train, validation = split(rows, random)

    assert np.mean([row in train.tolist() for row in validation.tolist()]) > 0.3
    assert repeated(train, validation) == 0.0


@pytest.mark.parametrize("n_values", [3, 5])
def test_of_rows_of_few_values_that_were_doubled_the_numbers_tell(random, n_values):
    rows = random.integers(0, n_values, (500, 5)).astype(float)

    train, validation = split(np.vstack([rows, rows]), random)

    assert repeated(train, validation) > 0.1


def test_targets_are_part_of_what_is_repeated(random):
    X = random.integers(0, 2, (400, 3)).astype(float)
    rows = np.column_stack([X, random.normal(size=400)])

    train, validation = split(np.vstack([rows, rows]), random)

    share = repeated(train[:, :3], validation[:, :3], train[:, 3], validation[:, 3])
    assert share > 0.6
    assert repeated(train[:, :3], validation[:, :3]) == 0.0


# Real tables, as they are and with rows repeated before the split.


def of_file(name, target, columns=None):
    def load(data_file):
        table = pd.read_csv(data_file(name))
        table = table.sample(min(len(table), 4000), random_state=0)
        y = table.pop(target).to_numpy(dtype=float)
        table = table if columns is None else table[columns]
        return table.select_dtypes("number").fillna(-1).to_numpy(dtype=float), y

    return load


TABLES = {
    "titanic": of_file("titanic_all_numeric.csv.gz", "survived"),
    "titanic, two columns": of_file(
        "titanic_seaborn.csv.gz", "survived", ["age", "fare"]
    ),
    "wages": of_file("hourly_wages.csv.gz", "wage_per_hour"),
    "shots": of_file(
        "nba_shots.csv.gz", "FGM", ["DRIBBLES", "TOUCH_TIME", "SHOT_DIST"]
    ),
    "bikes": of_file("bike_hour.csv.gz", "cnt", ["temp", "hum", "windspeed"]),
    "california": of_file("california_housing.csv.gz", "median_house_value"),
    "tumours": lambda data_file: load_breast_cancer(return_X_y=True),
    "digits": lambda data_file: load_digits(return_X_y=True),
}


@pytest.mark.parametrize("table", TABLES)
def test_tables_have_natural_copies_and_repeated_rows_are_none(
    table, data_file, random
):
    X, y = TABLES[table](data_file)
    rare = np.flatnonzero(y >= np.quantile(y, 0.9))
    every = np.arange(len(X))

    def share(taken):
        train, validation = split(taken, random)
        return repeated(X[train], X[validation], y[train], y[validation])

    assert share(every) < 0.02
    assert share(np.concatenate([every, every])) > 0.5
    assert share(np.concatenate([every, np.repeat(rare, 4)])) > 0.15


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
