"""Rows drawn with replacement, against NumPy's own draws."""

import numpy as np
import pytest

from skdl.data import _bootstrap_rows as resampling
from skdl.data import bootstrap_rows


def drawn(n_samples, **parameters):
    return np.concatenate(list(bootstrap_rows(n_samples, **parameters)))


def test_draws_are_numpys():
    rows = drawn(7, n_resamples=5, random_state=3)

    assert (rows == np.random.RandomState(3).randint(7, size=(5, 7))).all()


@pytest.mark.parametrize("codes", [None, np.array([0, 0, 0, 0, 0, 0, 2])])
def test_chunks_change_nothing(monkeypatch, codes):
    parameters = {"n_resamples": 23, "random_state": 3, "codes": codes}
    whole = drawn(7, **parameters)
    monkeypatch.setattr(resampling, "MOST_AT_ONCE", 20)

    chunks = list(bootstrap_rows(7, **parameters))

    assert len(chunks) > 5
    assert max(chunk.size for chunk in chunks) <= 20
    assert (np.concatenate(chunks) == whole).all()


def test_every_class_is_in_every_draw():
    codes = np.array([5] * 20 + [7])  # without care absent from every third draw

    rows = drawn(21, n_resamples=200, codes=codes, random_state=0)

    assert rows.shape == (200, 21)
    assert (codes[rows] == 7).any(axis=1).all()
    # Draws that had both classes are kept as they were, in their order.
    plain = drawn(21, n_resamples=200, random_state=0)
    kept = plain[(codes[plain] == 7).any(axis=1)]
    assert 100 < len(kept) < 200
    assert (rows[: len(kept)] == kept).all()


def test_one_class_needs_no_care():
    codes = np.zeros(5, int)

    rows = drawn(5, n_resamples=9, codes=codes, random_state=0)

    assert (rows == drawn(5, n_resamples=9, random_state=0)).all()


def test_a_row_more_than_a_chunk_is_drawn_one_by_one(monkeypatch):
    monkeypatch.setattr(resampling, "MOST_AT_ONCE", 3)

    assert [len(rows) for rows in bootstrap_rows(4, n_resamples=3)] == [1, 1, 1]
