"""Class labels: kinds, encodings, weights, and back."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from skdl.data import ClassTargets
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
def test_balanced_is_that_of_scikit_learn(n_classes):
    y = np.random.default_rng(0).integers(0, n_classes, size=60)
    targets = ClassTargets.from_labels(y, class_weight="balanced", weights=np.ones(60))
    np.testing.assert_allclose(
        targets.weigh(y, np.ones(60)), compute_sample_weight("balanced", y)
    )


def test_balanced_multilabel_is_that_of_scikit_learn():
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
