"""Targets: kinds, encodings, weights, and back."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from skdl.data import ClassTargets, RegressionTargets
from skdl.exceptions import DataError, ParameterError


def test_labels_of_any_type_come_back():
    for labels in (["b", "a", "c"], [3, -1, 7], [True, False, True], [0.0, 1.0, 2.0]):
        y = np.array(labels)
        targets = ClassTargets.from_labels(y)
        probabilities = np.eye(len(targets.classes))[targets.codes(y)]
        np.testing.assert_array_equal(targets.decode(probabilities), y)


def test_two_classes_have_one_output():
    targets = ClassTargets.from_labels(np.array(["x", "y", "x"]))
    assert (targets.kind, targets.n_outputs) == ("binary", 1)
    encoded = targets.encode(np.array(["x", "y", "x"]), np.dtype("float32"))
    assert encoded.tolist() == [[0.0], [1.0], [0.0]]


@pytest.mark.parametrize("n_classes", [2, 4])
def test_balanced_is_scikit_learn_s(n_classes):
    y = np.random.default_rng(0).integers(0, n_classes, size=60)
    targets = ClassTargets.from_labels(y, class_weight="balanced", weights=np.ones(60))
    np.testing.assert_allclose(
        targets.weigh(y, np.ones(60)), compute_sample_weight("balanced", y)
    )


def test_balanced_multilabel_is_scikit_learn_s():
    y = np.random.default_rng(0).integers(0, 2, size=(60, 3))
    targets = ClassTargets.from_labels(y, class_weight="balanced", weights=np.ones(60))
    np.testing.assert_allclose(
        targets.weigh(y, np.ones(60)), compute_sample_weight("balanced", y)
    )


def test_unknown_labels_are_named():
    targets = ClassTargets.from_labels(np.array([1, 2, 3]))
    with pytest.raises(DataError, match=r"hold the classes \[1, 2, 3\]. Got \[9\]"):
        targets.encode(np.array([1, 9]), np.dtype("float64"))
    with pytest.raises(ParameterError, match=r"Got \['no'\] as well"):
        ClassTargets.from_labels(
            np.array([1, 2]), class_weight={1: 1.0, "no": 2.0}, weights=np.ones(2)
        )


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
