"""One record of each class, small and without a training."""

import functools
import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl import diagnosis, explain
from skdl._record import Record
from skdl.diagnosis._finding import Finding, FindingsRecord

RATES = np.array([1e-3, 1e-2, 1e-1, 1.0])


@functools.cache
def record_classes():
    """All classes of records in explain and diagnosis, found in all their modules."""
    for package in (diagnosis, explain):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found, new = set(), {Record}
    while new:
        new = {sub for cls in new for sub in cls.__subclasses__()} - found
        found |= new
    in_skdl = {cls for cls in found if cls.__module__.startswith("skdl.")}
    assert not [cls for cls in in_skdl if inspect.isabstract(cls)]
    return in_skdl


@functools.cache  # several files look at these
def every_record():
    """A record of each class, by the name of the class; FindingsRecord is a base."""
    records = [
        *_explanations(),
        comparison_of_models(["ridge", "network"]),
        *_experiments(),
        _diagnosis(),
        _flow(),
    ]
    return {type(record).__name__: record for record in records}


def comparison_of_models(names):
    """A comparison of models with the last one, each better than the one before."""
    n = len(names)
    row = tuple(np.linspace(0.5, 0.9, n))
    return explain.ModelComparison(
        tuple(names), names[-1], "accuracy", row, tuple(v - 0.1 for v in row),
        tuple(v + 0.05 for v in row), row, row, row, 0.9, 50, 100,
    )  # fmt: skip


def _diagnosis():
    history = {"loss": [0.9, 0.5, 0.3, 0.1], "val_loss": [0.9, 0.6, 0.8, 1.2]}
    return diagnosis.diagnose(history)


def _flow():
    moments = [(0, "first step"), (1, "epoch 1"), (2, "epoch 2"), (2, "end")]
    layers = pd.DataFrame(
        {
            "moment": moment,
            "epoch": epoch,
            "layer": f"hidden_{place}",
            "n_units": 4,
            "activation": "relu",
            "gradient_norm": 10.0**-place if moment != "end" else np.nan,
            "update_ratio": 1e-3 if moment != "end" else np.nan,
            "activation_mean": 0.5,
            "activation_std": 0.5,
            "dead_share": 0.25 * place,
            "saturated_share": np.nan,
        }
        for epoch, moment in moments
        for place in (1, 2)
    )
    finding = Finding(
        code="dying_units",
        severity="problem",
        verdict="ReLU units died",
        numbers={"dead_share": 0.5},
        meaning="Half of hidden_2 is 0 for all rows.",
        advice="Lower the learning rate.",
        suggestion={"learning_rate": 1e-4},
    )
    return diagnosis.GradientFlow(
        findings=(finding,),
        unanswered=("saturated units: there are none",),
        layers=layers,
        status="finished all epochs",
        source="MLPClassifier",
        estimator=None,
    )


def _experiments():
    losses = np.array([[0.8, 0.9], [0.4, 0.5], [0.6, 0.7], [np.nan, np.nan]])
    yield diagnosis.LearningRateSweep(
        rates=RATES,
        losses=losses,
        val_losses=losses + 0.1,
        loss_curves=losses[..., None],
        val_loss_curves=losses[..., None] + 0.1,
        diverged_epochs=np.array([[0, 0]] * 3 + [[1, 2]]),
        statuses=("trained", "trained", "erratic", "diverged"),
        smoothed_val_losses=np.array([0.9, 0.55, np.nan, np.nan]),
        recommended=(1e-3, 1e-2),
        best_rate=1e-2,
        best={"learning_rate": 1e-2},
        edge=None,
        seeds=(1, 2),
    )
    yield diagnosis.LearningRateRangeTest(
        rates=RATES,
        losses=np.array([1.0, 0.6, 0.4, np.nan]),
        smoothed_losses=np.array([1.0, 0.7, 0.5, np.nan]),
        n_early=0,
        status="diverged",
        lowest_rate=1e-1,
        steepest_rate=1e-2,
        tenth_rate=1e-2,
        best_rate=1e-2,
        best={"learning_rate": 1e-2},
    )
    scores = np.array([0.9, 0.5, 0.45])
    yield diagnosis.CapacitySearch(
        networks=("1 x 4", "1 x 8", "2 x 8"),
        hidden_layer_sizes=((4,), (8,), (8, 8)),
        next_steps=("increase units", "add a layer", "done"),
        scores=scores.reshape(-1, 1, 1),
        mean_scores=scores,
        standard_errors=np.full(3, 0.1),
        n_parameters=np.array([10, 20, 90]),
        statuses=("trained",) * 3,
        metric="log loss",
        greater_is_better=False,
        best_index=2,
        simplest_index=1,
        limit=0.55,
        best={"hidden_layer_sizes": (8, 8)},
        simplest={"hidden_layer_sizes": (8,)},
    )
    yield diagnosis.OptimizerComparison(
        runs=(_run("adam", 0.5), _run("sgd", 0.7)),
        best={"optimizer": "adam"},
        seeds=(1, 2),
        tuning_seed=0,
        n_train=8,
        n_val=2,
    )
    yield diagnosis.BaselineComparison(
        estimator=_scored("Network", 0.8, 0.0),
        baselines=(_scored("ridge", 0.7, 0.1), _scored("dummy", 0.4, 0.4)),
        metric="accuracy",
        confidence_level=0.95,
        n_samples=10,
        n_folds=2,
        left_out={"gradient boosting": "too few rows"},
    )
    yield _regularisation()


def _run(name, level):
    losses = level + np.array([[0.4, 0.2, 0.1], [0.5, 0.1, 0.2]])
    return diagnosis.OptimizerRun(
        name=name,
        parameters={"optimizer": name},
        learning_rate=0.01,
        rates=RATES,
        rate_losses=np.array([2.0, 1.0, 1.5, np.nan]),
        seeds=(1, 2),
        diverged=(),
        losses=losses / 2,
        val_losses=losses,
        seconds=1.0,
    )


def _scored(name, score, difference):
    return diagnosis.ScoredModel(
        name=name,
        scores=np.array([score - 0.1, score + 0.1]),
        low=score - 0.2,
        high=score + 0.2,
        difference=difference,
        difference_low=difference - 0.05,
        difference_high=difference + 0.05,
        seconds=1.0,
    )


def _regularisation():
    test = np.array([0.9, 0.7])
    summary = pd.DataFrame(
        {
            "kind": ["none", "l2"],
            "strength": [None, 0.01],
            "train_loss": [0.1, 0.2],
            "train_loss_error": 0.01,
            "val_loss": [0.8, 0.6],
            "test_loss": test,
            "val_loss_error": 0.02,
            "test_loss_error": 0.05,
            "gap": test - [0.1, 0.2],
            "improvement": [0.0, 0.2],
            "improvement_error": [0.0, 0.04],
            "improvement_low": [0.0, 0.05],
            "improvement_high": [0.0, 0.35],
            "status": "trained",
        }
    )
    return diagnosis.RegularisationComparison(
        kinds=("none", "l2"),
        strengths=(None, 0.01),
        summary=summary,
        variants=summary,
        fits=summary,
        test_losses=test[:, None],
        metric="log loss",
        best_kind="l2",
        best={"l2": 0.01},
    )


def _attributions():
    values = np.array([[[0.2], [-0.1]], [[0.1], [0.3]]])
    return explain.Attributions(
        values=values,
        base_values=np.array([0.5]),
        predictions=0.5 + values.sum(axis=1),
        feature_names=("length", "width"),
        output_names=("rose",),
        feature_values=pd.DataFrame({"length": [1.0, 2.0], "width": [3.0, 4.0]}),
        response="probability",
        method="shapley",
        additivity_gap=0.0,
        additivity_tolerance=1e-6,
        standard_errors=None,
        n_background=2,
        n_evaluations=4,
    )


def _explanations():
    X, species = load_iris(return_X_y=True, as_frame=True)
    X, species = X.iloc[:, 1:3], species.map({0: "setosa", 1: "other", 2: "other"})
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, species)
    rows = tree, X, species
    length = "petal length (cm)"
    yield explain.performance(*rows, n_resamples=50, random_state=0)
    yield explain.confusion(*rows)
    yield explain.calibration(*rows)
    yield explain.slices(*rows)
    yield explain.permutation_importance(*rows, n_repeats=3, random_state=0)
    yield explain.partial_dependence(tree, X, [length])
    yield explain.accumulated_local_effects(tree, X, length)
    yield explain.interaction_strength(tree, X)
    yield explain.surrogate(tree, X, random_state=0)
    yield explain.explanation_quality(*rows, n_repeats=2, n_resamples=4, random_state=0)
    yield explain.counterfactual(tree, X, 0)
    regressor = DecisionTreeRegressor(max_depth=1).fit(X, X[length])
    yield explain.residuals(regressor, X, X[length])
    yield _attributions()
    yield _attributions().aggregate()


FINDINGS_ALONE = FindingsRecord(findings=(), unanswered=("the losses",))
