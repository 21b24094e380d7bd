"""Copies of rows, counted, and those that chance did not make."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits

from skdl.diagnosis.verdicts._leakage import (
    share_repeated,
    shares_of_copies,
)


@pytest.fixture
def random():
    return np.random.default_rng(0)


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
