"""Sizes of banks: worked by hand, and never smaller for more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdl.networks import Regularization
from skdl.training import Rates, memory_bound
from skdl.training._bank import sizing
from skdl.training._bank.sizing import (
    StepCost,
    device,
    member_bytes,
    multiplications,
    plan_steps,
    step_cost,
    table_rows,
    val_batch_size,
)


@pytest.mark.parametrize(
    ("n_rows", "n_features", "expected"),
    [
        (1, 1, 4096),  # small tables share a size
        (4096, 30, 4096),
        (4097, 30, 4608),  # eight sizes between 4096 and 8192
        (1, 256, 4096),  # 4096 x 256 values: the largest of that size
        (1, 512, 2048),  # 2**20 values
        (1, 784, 1408),  # 2**20 // 784 = 1337, rounded up by 128
        (1, 1 << 21, 16),  # a row is larger than small tables
        (60_000, 784, 61_440),
    ],
)
def test_table_rows(n_rows, n_features, expected):
    assert table_rows(n_rows, n_features) == expected


@given(
    n_rows=st.integers(1, 10**7),
    more=st.integers(0, 10**4),
    width=st.integers(1, 10**5),
)
def test_table_rows_grow_with_the_rows_and_are_enough(n_rows, more, width):
    rows = table_rows(n_rows, width)
    assert n_rows <= rows <= table_rows(n_rows + more, width)
    assert rows <= max(4096, n_rows * 9 // 8 + 16)
    assert table_rows(n_rows, width + 1) <= rows


@pytest.mark.parametrize(
    ("steps_per_epoch", "batch_size", "expected"),
    [
        (1, 1, 1024),  # at most 1024
        (3, 32, 1024),  # 65536 rows would be 2048 steps
        (3, 128, 512),
        (3, 65_536, 64),  # at least 64
        (1024, 32, 1024),
        (1025, 32, 1152),  # an epoch must fit
        (1875, 32, 1920),
    ],
)
def test_plan_steps(steps_per_epoch, batch_size, expected):
    assert plan_steps(steps_per_epoch, batch_size) == expected


@given(steps=st.integers(1, 10**6), batch_size=st.integers(1, 10**5))
def test_an_epoch_fits_into_a_plan(steps, batch_size):
    assert steps <= plan_steps(steps, batch_size) <= plan_steps(steps + 1, batch_size)


@pytest.mark.parametrize(
    ("n_rows", "expected"),
    [(1, 16), (16, 16), (17, 32), (32, 32), (1000, 1024), (1025, 1024), (10**6, 1024)],
)
def test_val_batch_size(n_rows, expected):
    assert val_batch_size(n_rows) == expected


def test_member_bytes(make_job):
    # 4 features, 6-6-1 units: weights (4 + 1) x 6 + 7 x 6 + 7 = 79 of 8 bytes; columns
    # of a batch of 16: 4 of the features, 6 + 6 + 6 + 6 + 1 + 1 of kernels and biases
    job = make_job()
    assert member_bytes(job) == 7 * 79 * 8 + 4 * 16 * (4 + 26) * 8
    # in half the bytes with single precision
    (trainable, frozen) = replace(
        job.signature.architecture, dtype="float32"
    ).initial_weights(np.random.default_rng(0))
    weights = replace(job.weights, trainable=trainable, frozen=frozen)
    assert member_bytes(replace(job, weights=weights)) == member_bytes(job) / 2


def test_member_bytes_grow(make_job):
    small = member_bytes(make_job())
    for larger in (
        {"hidden_layer_sizes": (7, 6)},
        {"hidden_layer_sizes": (6, 6, 1)},
        {"batch_size": 17},
        {"batch_norm": "before"},
    ):
        assert member_bytes(make_job(**larger)) > small
    for same in (
        {"rates": Rates(1.0)},
        {"regularization": Regularization(dropout=0.5)},
    ):
        assert member_bytes(make_job(**same)) == small


def test_multiplications_and_seconds(make_job):
    signature = make_job().signature
    assert multiplications(signature, 79) == 16 * 79
    cost = StepCost(start=2.0, rate=100.0, n_lanes=1, cache=np.inf)
    assert cost.seconds(4, 25.0) == 2.0 + 4 * 0.25


def test_cost_follows_the_machine(monkeypatch):
    monkeypatch.setattr(device, "has_gpu", lambda: False)
    monkeypatch.setattr(device, "n_cores", lambda: 7)
    assert step_cost().n_lanes == 7
    monkeypatch.setattr(device, "has_gpu", lambda: True)
    assert step_cost().n_lanes == 1  # one bank has the whole device


def test_memory_bound(monkeypatch):
    monkeypatch.setattr(device, "free_memory", lambda: 1000)
    assert memory_bound(None) == 250
    assert memory_bound(1) == 1
    assert memory_bound(10**15) == 10**15


def test_free_memory_is_that_of_a_machine():
    assert 1 << 20 < device.free_memory() < 1 << 50


def test_widths_are_in_order_and_begin_with_one():
    assert sizing.WIDTHS[0] == 1
    assert list(sizing.WIDTHS) == sorted(set(sizing.WIDTHS))
