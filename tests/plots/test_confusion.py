"""The drawing of confusion shows the counts, in the form that fits."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from skdl import plots
from skdl.explain import Confusion


def record(matrix, *, labels=None, task="multiclass"):
    matrix = np.array(matrix)
    labels = labels or tuple(f"class {place}" for place in range(len(matrix)))
    totals = matrix.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        shares = matrix / totals
    return Confusion(task, labels, matrix, shares, int(matrix.sum()))


def cells(ax):
    return [text.get_text() for text in ax.texts]


def test_a_small_matrix_has_counts_and_shares():
    ax = plots.confusion(record([[8, 2], [0, 1500]]))

    assert cells(ax) == ["8\n80 %", "2\n20 %", "0\n0 %", "1\u202f500\n100 %"]
    assert [patch.get_alpha() for patch in ax.patches] == pytest.approx(
        [0.8, 0.2, 0, 1]
    )
    assert ax.get_ylim() == (1.5, -0.5)  # the first class on top
    assert ax.get_ylabel() == "true class"


def test_a_class_without_rows_is_blank():
    ax = plots.confusion(record([[3, 0], [0, 0]]))

    assert cells(ax)[2:] == ["0", "0"]
    assert [patch.get_alpha() for patch in ax.patches][2:] == [0, 0]


def test_up_to_ten_classes_are_a_matrix():
    ax = plots.confusion(record(np.eye(10, dtype=int)))

    assert len(ax.patches) == 100


def test_more_classes_are_their_commonest_mistakes():
    matrix = np.eye(11, dtype=int) * 10
    matrix[3, 4], matrix[5, 0] = 30, 10

    ax = plots.confusion(record(matrix))

    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["class 3 → class 4", "class 5 → class 0"]
    assert [bar.get_width() for bar in ax.patches] == [30, 10]
    assert cells(ax) == ["30 (75 %)", "10 (50 %)"]


def test_many_classes_without_a_mistake():
    ax = plots.confusion(record(np.eye(11, dtype=int)))

    assert len(ax.patches) == 0
    assert "11 classes" in ax.get_xlabel()


def test_labels_have_a_row_each():
    matrices = [[[5, 1], [2, 6]], [[9, 0], [3, 4]]]

    ax = plots.confusion(record(matrices, labels=("a", "b"), task="multilabel"))

    assert cells(ax) == ["5", "1", "2", "6", "9", "0", "3", "4"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize("n_classes", [2, 12])
def test_it_draws_where_it_is_told_and_hostile_names_stay_text(n_classes):
    _, ax = plt.subplots()
    labels = ("<a>", "$b$", *(f"c{place}" for place in range(2, n_classes)))

    found = record(np.ones((n_classes, n_classes), int), labels=labels)
    assert plots.confusion(found, ax=ax) is ax

    svg = plots.inline_svg(ax, alternative="Counts.")
    assert "&lt;a&gt;" in svg
    assert "$b$" in svg
