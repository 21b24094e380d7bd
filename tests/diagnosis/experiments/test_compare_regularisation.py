"""Comparison of kinds of regularisation: choice, losses, gaps, what is said."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdl import MLPClassifier, MLPRegressor
from skdl.diagnosis import compare_regularisation
from skdl.diagnosis.experiments._compare_regularisation import OFF, corrected_interval
from skdl.exceptions import DataError, ParameterError

pytestmark = pytest.mark.slow  # compiles many networks

STRENGTHS = {"l2": [0.01, 0.3], "dropout": (0.4,), "early_stopping": [1, 9]}
KINDS = ("none", *STRENGTHS)


@pytest.fixture(scope="module")
def cancer():
    """Rows that are soon learnt by heart: every fourth label is of the other class."""
    X, y = load_breast_cancer(return_X_y=True)
    y[::4] = 1 - y[::4]
    return X[:120], np.array(["bad", "good"])[y[:120]]


@pytest.fixture(scope="module")
def pipeline():
    # Its own l1 is off in all variants.
    network = MLPClassifier((6,), epochs=9, learning_rate=0.05, l1=0.7)
    return make_pipeline(StandardScaler(), network)


@pytest.fixture(scope="module")
def comparison(pipeline, cancer):
    return compare_regularisation(
        pipeline, *cancer, strengths=STRENGTHS, cv=KFold(3), n_repeats=2, random_state=0
    )


@pytest.fixture(scope="module")
def parts(cancer):
    """Per fold: rows to train on, to choose by and to test on; and the seeds."""
    X, y = cancer
    random = np.random.RandomState(0)
    folds = []
    for train, test in KFold(3).split(X):
        X_train, X_val, y_train, y_val = train_test_split(
            X[train], y[train], test_size=0.2, stratify=y[train], random_state=random
        )
        scale = StandardScaler().fit(X_train).transform
        folds.append(
            [
                (scale(X_train), y_train),
                (scale(X_val), y_val),
                (scale(X[test]), y[test]),
            ]
        )
    return folds, random.randint(np.iinfo(np.int32).max, size=(3, 2))


@pytest.mark.parametrize(
    ("kind", "strength", "parameters"),
    [
        ("none", None, {}),
        ("l2", 0.3, {"l2": 0.3}),
        ("early_stopping", 1, {"early_stopping": True, "patience": 1}),
    ],
)
def test_losses_equal_fits_one_by_one(
    comparison, pipeline, parts, kind, strength, parameters
):
    folds, seeds = parts
    train, validation, _ = folds[1]
    network = clone(pipeline[-1]).set_params(
        **{**OFF, **parameters}, random_state=int(seeds[1, 0])
    )

    network.fit(*train, X_val=validation[0], y_val=validation[1])

    fits = comparison.fits
    row = fits[(fits["kind"] == kind) & (fits["fold"] == 1) & (fits["repeat"] == 0)]
    row = row[(row["weights"] == "end")]
    row = row.iloc[0] if strength is None else row[row["strength"] == strength].iloc[0]
    expected = [log_loss(y, network.predict_proba(X)) for X, y in folds[1]]
    measured = row[["train_loss", "val_loss", "test_loss"]].to_list()
    np.testing.assert_allclose(measured, expected, rtol=1e-4)
    kernels = [w for w in network.model_.get_weights() if w.ndim > 1]
    norm = np.sqrt(sum((kernel**2).sum() for kernel in kernels))
    assert row["weight_norm"] == pytest.approx(norm, rel=1e-4)
    assert row["status"] == network.status_
    assert row["best_epoch"] == network.best_epoch_


def test_the_same_training_is_measured_at_its_best_epoch(comparison, pipeline, parts):
    folds, seeds = parts
    train, validation, _ = folds[0]
    network = clone(pipeline[-1]).set_params(
        **{**OFF, "early_stopping": True, "patience": 9}, random_state=int(seeds[0, 1])
    )
    network.fit(*train, X_val=validation[0], y_val=validation[1])

    fits = comparison.fits
    row = fits.query("kind == 'none' and fold == 0 and repeat == 1")
    row = row[row["weights"] == "best epoch"].iloc[0]
    assert row["val_loss"] == pytest.approx(
        network.history_["val_loss"].min(), rel=1e-4
    )
    assert row["best_epoch"] == network.best_epoch_ < 9


def test_strengths_are_chosen_by_validation_rows_alone(comparison):
    ends = comparison.fits.query("weights == 'end'")
    test_would_choose_others = False
    for number, kind in enumerate(KINDS[1:], start=1):
        own = ends[ends["kind"] == kind]
        overall = own.groupby("strength")["val_loss"].mean().idxmin()
        assert comparison.strengths[number] == overall
        for fold in range(3):
            means = own[own["fold"] == fold].groupby("strength")[
                ["val_loss", "test_loss"]
            ]
            means = means.mean()
            chosen = means["val_loss"].idxmin()
            test_would_choose_others |= means["test_loss"].idxmin() != chosen
            assert comparison.test_losses[number, fold] == pytest.approx(
                means.loc[chosen, "test_loss"]
            )
    assert test_would_choose_others


def test_the_table(comparison):
    table = comparison.to_frame()
    losses = comparison.test_losses

    assert comparison.kinds == KINDS == tuple(table["kind"])
    for frame in (table, comparison.variants, comparison.fits):
        assert frame["strength"][0] is None
    np.testing.assert_allclose(table["test_loss"], losses.mean(axis=1))
    np.testing.assert_allclose(
        table["test_loss_error"], losses.std(axis=1, ddof=1) / np.sqrt(3)
    )
    np.testing.assert_allclose(table["gap"], table["test_loss"] - table["train_loss"])
    gains = losses[0] - losses
    np.testing.assert_allclose(table["improvement"], gains.mean(axis=1))
    np.testing.assert_allclose(
        table["improvement_error"], gains.std(axis=1, ddof=1) / np.sqrt(3)
    )
    for kind, own in zip(table.itertuples(), gains, strict=True):
        # Folds of 40 test rows; of the other 80, 64 are trained on.
        low, high = corrected_interval(own, test_to_train=40 / 64, level=0.95)
        assert (kind.improvement_low, kind.improvement_high) == pytest.approx(
            (low, high)
        )
    assert (table["val_loss_at_best"] <= table["val_loss"] + 1e-6).all()
    assert set(table["status"]) == {"trained"}
    assert table["kind"][table["is_best"]].tolist() == [comparison.best_kind]
    assert comparison.best_kind == KINDS[losses.mean(axis=1).argmin()]
    assert len(comparison.variants) == 1 + 2 + 1 + 2
    # 6 variants, and those chosen of all kinds but early stopping once more.
    assert len(comparison.fits) == (6 + 3) * 3 * 2


def test_a_penalty_makes_weights_smaller(comparison):
    ends = comparison.fits.query("weights == 'end'")
    norms = ends.groupby(["kind", "strength"], dropna=False)["weight_norm"].mean()

    assert norms["l2", 0.3] < norms["l2", 0.01] < norms["none"].item()


def test_best_is_for_set_params(comparison, pipeline):
    parameters = clone(pipeline).set_params(**comparison.best)[-1].get_params()

    kind = comparison.best_kind
    strength = comparison.strengths[KINDS.index(kind)]
    assert parameters["l1"] == 0.0
    if kind == "early_stopping":
        assert parameters["early_stopping"]
        assert parameters["patience"] == strength
    elif kind != "none":
        assert parameters[kind] == strength


def concluded(comparison, low, high, *, best="l2", gain=0.0017, turned_off=()):
    """The comparison, with another best kind and interval."""
    summary = comparison.summary.copy()
    number = KINDS.index(best)
    named = ["test_loss", "improvement", "improvement_low", "improvement_high"]
    summary.loc[number, named] = [0.4411, gain, low, high]
    summary.loc[0, "test_loss"] = 0.4428
    return replace(comparison, summary=summary, best_kind=best, turned_off=turned_off)


@pytest.mark.parametrize(
    ("low", "high", "conclusion", "ending"),
    [
        (
            -0.005,
            0.0087,
            "not distinguishable",
            r"0\.4428\), not distinguishable from none: improvement 0\.0017 \(-0\.005 "
            r"to 0\.0087\)$",
        ),
        (0.001, 0.0087, "better", r", better than none: .* \(0\.001 to 0\.0087\)$"),
        (np.nan, np.nan, "not distinguishable", r"improvement 0\.0017 on one split$"),
    ],
)
def test_whether_the_best_is_better_than_none(
    comparison, low, high, conclusion, ending
):
    found = concluded(comparison, low, high)

    assert found.conclusion == conclusion
    assert re.search(ending, str(found))


def test_where_none_diverged_the_best_is_better(comparison):
    found = concluded(comparison, np.nan, np.nan, gain=np.nan)
    found.summary.loc[0, "test_loss"] = np.nan

    assert found.conclusion == "better"
    assert str(found).endswith("), better than none, which diverged")


def test_none_may_be_best(comparison):
    found = concluded(comparison, 0.0, 0.0, best="none")

    assert found.conclusion == "none is best"
    assert str(found).endswith("best none (0.4428); no kind improved it")


def test_what_the_estimator_had_and_best_has_not_is_said(comparison, pipeline):
    kinds = set(comparison.turned_off)

    assert kinds == {"l1"}  # the pipeline's own
    assert str(comparison).endswith("; without the l1 of the estimator")


def test_the_record_can_be_shown_and_kept(comparison):
    assert str(comparison).startswith(
        "RegularisationComparison by log loss on test rows: best "
    )
    kept = json.loads(json.dumps(comparison.to_dict()))
    assert kept["kinds"] == list(KINDS)
    assert len(kept["summary"]) == 4


def test_quantities_and_a_strength_that_diverges():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:60] * 20, y[:60]
    network = MLPRegressor(
        (3,), optimizer="sgd", epochs=4, batch_size="full", learning_rate=0.1
    )
    split = [(np.arange(40), np.arange(40, 60))]

    compared = compare_regularisation(
        network, X, y, strengths={"l2": [1e-4, 1e8], "l1": [1e15]}, cv=split,
        random_state=3,
    )  # fmt: skip

    assert compared.metric == "mean squared error"
    assert compared.strengths == (None, 1e-4, 1e15)
    assert compared.best_kind != "l1"
    assert compared.summary["status"].to_list() == [
        "trained", "trained", "diverged in 1 of 1 trainings",
    ]  # fmt: skip
    assert np.isnan(compared.test_losses[2]).all()
    assert compared.summary["improvement_low"].isna().all()  # of one split
    assert compared.conclusion in ("none is best", "not distinguishable")
    variants = compared.variants.set_index(["kind", "strength"])["status"]
    assert variants["l2", 1e8] == "diverged in 1 of 1 trainings"
    fits = compared.fits
    assert fits["status"].str.startswith("diverged").sum() == 3  # of l1 once more
    plain = fits[(fits["kind"] == "none") & (fits["weights"] == "end")].iloc[0]
    # In units of y: not far from ridge regression, which is linear too, or the mean.
    ridge = Ridge().fit(X[:40], y[:40])
    error = mean_squared_error(y[40:], ridge.predict(X[40:]))
    assert 0.2 * error < plain["test_loss"] < 5 * max(error, y.var())

    network.set_params(learning_rate=1e30)
    with pytest.raises(ParameterError, match=r"compare_regularisation .*diverged"):
        compare_regularisation(network, X, y, strengths={"l2": [1e-4]}, cv=split)


def test_errors(cancer):
    X, y = cancer
    network = MLPClassifier((2,))

    with pytest.raises(ParameterError, match=r"compare_regularisation .* Got Ridge"):
        compare_regularisation(Ridge(), X, y)
    with pytest.raises(ParameterError, match=r"'strengths' .*'max_norm'"):
        compare_regularisation(network, X, y, strengths={"max_norm": [1]})
    with pytest.raises(ParameterError, match=r"'validation_fraction' .* Got 1 instead"):
        compare_regularisation(network, X, y, validation_fraction=1)
    with pytest.raises(ParameterError, match=r"'n_repeats' .* Got 0 instead"):
        compare_regularisation(network, X, y, n_repeats=0)
    with pytest.raises(ParameterError, match=r"'dropout' .* Got 1.5 instead"):
        compare_regularisation(network, X, y, strengths={"dropout": [1.5]}, cv=2)
    with pytest.raises(DataError, match="compare_regularisation needs y"):
        compare_regularisation(network, X, None)
