"""Numbers read off curves, worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from skdl.diagnosis.verdicts._measures import (
    is_by_heart,
    measure_curves,
    share_by_heart,
)
from tests.diagnosis.verdicts.conftest import EVIDENCE
from tests.diagnosis.verdicts.example_trainings import curves_of

NAN = float("nan")


def measured(loss, val_loss=None, baseline=None):
    return measure_curves(curves_of(loss, val_loss), baseline)


def test_a_curve_that_falls_and_rises():
    found = measured([10, 6, 4, 3, 2], [11, 7, 5, 6, 8])

    assert (found.n_epochs, found.gain, found.unit) == (5, 6.0, 6.0)
    assert found.rise == pytest.approx((8 - 5) / 6)
    assert found.slope == pytest.approx(-(8 - 6) / 6)  # of two epochs, a fifth of 5
    assert found.train_slope == pytest.approx((3 - 2) / (11 - 2))
    assert found.gap == pytest.approx((8 - 2) / 6)
    assert found.best_gap == pytest.approx((5 - 4) / 6)
    assert found.erratic == 0.0
    # Behind the first fifth are 7, 5, 6, 8, with rises of 1 and 2 in three steps.
    assert found.val_erratic == pytest.approx((1 + 2) / np.sqrt(3) / 6)


def test_a_fall_at_the_end_is_that_of_a_line_and_an_end_a_median():
    loss = [*np.linspace(20, 11, 10), 10, 9, 10, 5, 5, 5, 5, 4, 6, 2]  # 20 epochs

    found = measured(loss)

    # Through 5, 4, 6, 2 (a fifth of 20): the slope is -0.7 per epoch.
    assert found.slope == pytest.approx(0.7 * 3 / (20 - 2))
    assert found.rise == pytest.approx((np.median([6, 2]) - 2) / 18)
    # Behind the first fifth, with 15 steps: 9 to 10, and 4 to 6.
    assert found.erratic == pytest.approx((1 + 2) / np.sqrt(15) / 18)
    assert np.isnan([found.gap, found.best_gap, found.val_erratic]).all()


def test_a_baseline_above_the_first_loss_is_where_the_gain_begins():
    assert measured([3, 2], [3, 2], baseline=4.0).gain == 2.0
    assert measured([3, 2], [3, 2], baseline=2.5).gain == 1.0
    assert measured([3, 2], [3, 2], baseline=4.0).gap == 0.0
    # The training loss has gained from the baseline too: 4 to 2.
    assert measured([3, 2, 2.5, 2], [3] * 4, baseline=4).erratic == pytest.approx(
        0.5 / np.sqrt(3) / 2
    )


def test_where_only_the_training_loss_fell_its_gain_is_the_unit():
    found = measured([0.9, 0.5, 0.3, 0.1], [0.9, 1.0, 1.2, 1.5])

    assert (found.gain, found.unit) == (0.0, pytest.approx(0.8))
    assert found.rise == pytest.approx(0.6 / 0.8)
    assert found.gap == pytest.approx(1.4 / 0.8)
    assert found.best_gap == 0.0


@pytest.mark.parametrize(
    "lists",
    [([1, 1, 1], [1, 1, 1]), ([1, 2, 3], [1, 2, 3]), ([1], [2]), ([1, 1], [2, 2])],
)
def test_where_nothing_was_gained_shares_are_not_numbers(lists):
    found = measured(*lists)

    assert (found.gain, found.unit) == (0.0, 0.0)
    shares = (found.rise, found.slope, found.gap, found.best_gap, found.val_erratic)
    assert np.isnan(shares).all()


def test_one_epoch_has_no_slope():
    found = measured([2], [3], baseline=4.0)

    assert (found.n_epochs, found.gain, found.rise, found.gap) == (1, 1.0, 0.0, 1.0)
    assert np.isnan([found.slope, found.train_slope]).all()


def test_losses_may_be_negative():
    found = measured([-1, -3, -4], [-1, -3, -2])

    assert found.gain == 2.0
    assert found.rise == pytest.approx(0.5)
    assert found.gap == pytest.approx(1.0)


def test_only_what_is_finite_and_was_measured_counts():
    whole = measured([5, 4, 3], [5, 4.5, 4])

    assert measured([5, 4, 3, NAN, 1], [5, 4.5, 4, NAN, 1]) == whole
    assert measured([5, 4, 3, 1e200, 1], [5, 4.5, 4, 0, 0]) == whole
    assert measured([5, 9, 4, 9, 3], [5, NAN, 4.5, NAN, 4]) == whole


def test_measures_do_not_change_with_the_unit_of_the_loss():
    loss, val_loss = np.array([10, 6, 4, 3, 2.5]), np.array([11, 7, 5, 6, 8])
    found, larger = measured(loss, val_loss), measured(100 * loss, 100 * val_loss)

    for name in ("rise", "slope", "train_slope", "gap", "best_gap", "val_erratic"):
        assert getattr(larger, name) == pytest.approx(getattr(found, name))
    assert larger.gain == 100 * found.gain


@pytest.mark.parametrize(
    ("train_loss", "val_loss", "standard_error", "share", "is_so"),
    [
        (0.2, 0.68, 0.1, 0.6, True),
        (0.2, 0.68, 0.2, 0.6, False),  # 2.4 standard errors
        (0.2, 0.56, 0.1, 0.45, False),
        (0.2, 1.4, 0.1, 1.5, True),
        (0.2, 0.1, 0.01, -0.125, False),
        (1.1, 2.0, 0.1, NAN, False),  # nothing was learnt, by heart or not
    ],
)
def test_what_was_learnt_by_heart(train_loss, val_loss, standard_error, share, is_so):
    evidence = replace(
        EVIDENCE,
        train_loss=train_loss,
        val_loss=val_loss,
        standard_error=standard_error,
    )

    assert share_by_heart(evidence) == pytest.approx(share, nan_ok=True)
    assert is_by_heart(evidence) == is_so
    assert not is_by_heart(replace(evidence, baseline=NAN))
