"""Capacities: few sizes that waste little."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skdl.data import row_capacity


@given(st.integers(1, 10_000_000))
def test_capacity_wastes_little(n_rows):
    capacity = row_capacity(n_rows)
    assert n_rows <= capacity < n_rows + max(16, n_rows / 8 + 1)


def test_few_capacities():
    assert len({row_capacity(n) for n in range(1, 100_001)}) < 100
