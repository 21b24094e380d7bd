"""Quantities: standardised, and back."""

from __future__ import annotations

import numpy as np
import pytest

from skdl.data import RegressionTargets


def test_quantities_are_standardised_by_weight_and_come_back():
    y = np.array([[1.0, 10.0], [3.0, 10.0], [9.0, 10.0]])
    targets = RegressionTargets.from_values(y, np.array([1.0, 1.0, 0.0]))
    assert targets.mean.tolist() == [2.0, 10.0]
    assert targets.scale.tolist() == [1.0, 1.0]  # a constant output keeps its unit
    encoded = targets.encode(y, np.dtype("float64"))
    assert encoded.tolist() == [[-1.0, 0.0], [1.0, 0.0], [7.0, 0.0]]
    np.testing.assert_allclose(targets.decode(encoded), y)


def test_large_values_keep_their_digits_in_float32():
    y = (1e8 + np.arange(100.0)).astype("float64")
    targets = RegressionTargets.from_values(y, np.ones(100, dtype="float32"))
    assert targets.scale[0] == pytest.approx(np.std(np.arange(100.0)), rel=1e-9)
