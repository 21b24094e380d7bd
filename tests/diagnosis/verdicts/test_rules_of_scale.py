"""Verdicts on features of other scales than weights are meant for."""

from dataclasses import replace

import numpy as np
from sklearn.neural_network import MLPClassifier as ScikitLearnClassifier

from skdl import MLPClassifier
from tests.diagnosis.verdicts.example_trainings import (
    FALLING,
    RUNS,
    SOUND,
    apply_rules,
    codes,
    suggestion,
)

LARGE, USUAL = np.array([1.0, 2000.0, 30.0]), np.array([1.0, 1.0, 20.0])


def test_large_features_are_told_before_what_follows_from_them(with_rows):
    scaled = with_rows(residual_signal=0.3)
    assert codes(scaled) == ["underfit_capacity"]

    [finding] = apply_rules(replace(scaled, feature_scales=LARGE))

    assert (finding.code, finding.severity) == ("unscaled_features", "problem")
    assert finding.meaning.startswith("2 of the 3 columns that the network reads ")
    assert "The largest is column 1, with 2000 " in finding.meaning
    assert "make_pipeline(StandardScaler(), ...)" in finding.advice
    assert finding.suggestion == {"batch_norm": True}
    for other in (MLPClassifier(()), ScikitLearnClassifier()):  # has no such layers
        run = with_rows(SOUND, other, residual_signal=0.3)
        assert suggestion(replace(run, feature_scales=LARGE)) == {}
    numbers = {"n_large": 2, "n_columns": 3, "largest_scale": 2000, "threshold": 20}
    assert numbers.items() <= finding.numbers.items()
    assert codes(replace(scaled, feature_scales=USUAL)) == ["underfit_capacity"]
    assert codes(replace(scaled, feature_scales=USUAL * np.nan)) == [
        "underfit_capacity"
    ]


def test_columns_are_called_by_their_names(with_rows):
    run = replace(with_rows(), feature_scales=LARGE)
    named = replace(run.facts, feature_names=("a", "fare", "age"))

    [finding] = apply_rules(replace(run, facts=named))

    assert "The largest is 'fare', with" in finding.meaning


def test_a_network_that_fits_well_nonetheless_is_warned(without_rows, with_rows):
    for run in (with_rows(), without_rows({"loss": FALLING}, RUNS)):
        [finding] = apply_rules(replace(run, feature_scales=LARGE))
        assert (finding.code, finding.severity) == ("unscaled_features", "warning")


def test_what_large_features_may_have_led_to_makes_them_a_problem(
    without_rows, with_rows
):
    erratic = np.array(FALLING) + np.tile([0.0, 0.1], 10)
    fast = without_rows({"loss": erratic}, MLPClassifier(learning_rate=0.02))
    useless = with_rows({"loss": FALLING}, train_loss=0.97, val_loss=1.0)
    for run, expected in (
        (
            without_rows({"loss": [1.0, np.nan]}, RUNS),
            ["diverged", "unscaled_features"],
        ),
        (fast, ["unscaled_features", "high_learning_rate"]),
        (useless, ["unscaled_features", "no_better_than_baseline"]),
    ):
        found = apply_rules(replace(run, feature_scales=LARGE))
        assert [one.code for one in found] == expected
        assert {one.severity for one in found} == {"problem"}


def test_beside_batch_norm_only_where_something_is_wrong(with_rows):
    normed = MLPClassifier(batch_norm=True)
    well = replace(with_rows(SOUND, normed), feature_scales=LARGE)
    badly = with_rows(SOUND, normed, residual_signal=0.3)

    assert codes(well) == ["good_fit"]
    [finding] = apply_rules(replace(badly, feature_scales=LARGE))
    assert (finding.code, finding.severity) == ("unscaled_features", "problem")
    assert finding.suggestion == {}  # a scaler is no parameter
