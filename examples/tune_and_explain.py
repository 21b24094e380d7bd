"""Tune a network on a table, compare it with simple models, explain it on one page.

    python examples/tune_and_explain.py
    python examples/tune_and_explain.py --data FILE.csv --target COLUMN --drop COLUMN

Without --data it reads scikit-learn's breast cancer table. A target of text or of few
whole numbers makes it a classification, any other number a regression.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import numpy as np
import pandas as pd
from scipy.stats import loguniform, uniform
from sklearn import model_selection
from sklearn.callback import ProgressBar
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tables import N_FOLDS, find_leaks, make_problem, read_table
from threadpoolctl import threadpool_limits

from skdl import MLPClassifier, MLPRegressor
from skdl.explain import compare_models
from skdl.reports import explain_report
from skdl.search import candidate_table

NETWORK = "network (tuned)"
SECTIONS = ["data", "importance", "effects", "training", "search"]
MOST_ROWS_EXPLAINED = 2000
SEARCH_SPACE = {
    "model__optimizer": ["adam", "rmsprop", "sgd"],
    "model__learning_rate": loguniform(1e-4, 3e-2),
    "model__hidden_layer_sizes": [(32,), (64, 32), (128, 64)],
    "model__dropout": uniform(0, 0.5),
    "model__batch_norm": [False, True],
    "model__l2": loguniform(1e-6, 1e-2),
}


def with_preprocessing(model):
    """Fill and scale numbers, one column per frequent category, then the model."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler()
    )
    words = OneHotEncoder(
        max_categories=20, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    columns = ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("words", words, make_column_selector(dtype_exclude="number")),
        ]
    )
    return Pipeline([("columns", columns), ("model", model)])


def fit_baselines(problem, *, seed):
    """Fit simple models -> the fitted models, their cross-validated scores."""
    if problem.is_classification:
        models = {
            "most frequent class": DummyClassifier(),
            "logistic regression": LogisticRegression(max_iter=2000),
            "gradient boosting": HistGradientBoostingClassifier(random_state=seed),
        }
    else:
        models = {
            "mean": DummyRegressor(),
            "ridge regression": Ridge(),
            "gradient boosting": HistGradientBoostingRegressor(random_state=seed),
        }
    X, y, metric = problem.X_train, problem.y_train, problem.metrics[0]
    models = {name: with_preprocessing(model) for name, model in models.items()}
    scores = {
        name: model_selection.cross_val_score(
            model, X, y, cv=problem.folds, scoring=metric
        )
        for name, model in models.items()
    }
    return {name: model.fit(X, y) for name, model in models.items()}, scores


def tune(problem, *, n_iter, seed):
    """Search the network's parameters, refit the best, both with early stopping."""
    network = MLPClassifier if problem.is_classification else MLPRegressor
    n_rows = len(problem.X_train)
    mlp = network(
        batch_size=int(np.clip(2 ** round(np.log2(n_rows / 16)), 32, 512)),
        epochs=100,
        early_stopping=True,
        patience=10,
        random_state=seed,
    )
    search = model_selection.RandomizedSearchCV(
        with_preprocessing(mlp),
        SEARCH_SPACE,
        n_iter=n_iter,
        cv=problem.folds,
        scoring=problem.metrics[0],
        random_state=seed,
    )
    search.set_callbacks(ProgressBar(max_propagation_depth=0))
    return search.fit(problem.X_train, problem.y_train)


def compare(problem, search, baselines, baseline_scores, *, seed):
    """Compare on the test set with the baseline that was best in cross-validation."""
    folds = [f"split{fold}_test_score" for fold in range(N_FOLDS)]
    tuned = [search.cv_results_[fold][search.best_index_] for fold in folds]
    scores = pd.DataFrame({NETWORK: tuned, **baseline_scores})
    cross_validated = pd.DataFrame({"mean": scores.mean(), "std": scores.std(ddof=0)})
    cross_validated = cross_validated.rename_axis("model").reset_index()
    comparisons = [
        compare_models(
            {NETWORK: search.best_estimator_, **baselines},
            problem.X_test,
            problem.y_test,
            scoring=metric,
            reference=scores[list(baselines)].mean().idxmax(),
            random_state=seed,
        )
        for metric in problem.metrics
    ]
    return cross_validated.sort_values("mean", ascending=False), comparisons


def gain_in_words(low, high):
    """Say what the interval of a difference of scores means."""
    if low == high == 0:
        return "no difference"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "could be chance"


def make_page(problem, search, cross_validated, comparisons, *, remarks, seed):
    """Explain the tuned network on test rows, next to the simple models."""
    headings = [f"Test {comparison.metric}" for comparison in comparisons]
    page = explain_report(
        search,
        problem.X_test.head(MOST_ROWS_EXPLAINED),
        problem.y_test.head(MOST_ROWS_EXPLAINED),
        X_train=problem.X_train,
        y_train=problem.y_train,
        title=f"{problem.name}: predicting {problem.target}",
        sections=SECTIONS,
        scoring=problem.metrics[0],
        max_effects=4,
        records=dict(zip(headings, comparisons, strict=True)),
        random_state=seed,
    )
    first = comparisons[0]
    best = cross_validated.iloc[0]
    page.add_card(
        "Best in cross-validation",
        best["model"],
        note=f"{first.metric} {best['mean']:.3f} ± {best['std']:.3f} over folds",
    )
    tuned = first.to_frame().set_index("model").loc[NETWORK]
    low, high = tuned["gain_low"], tuned["gain_high"]
    page.add_card(
        f"Gain over {first.reference}",
        f"{tuned['gain']:+z.3f}",
        note=f"95 % interval {low:+z.3f} to {high:+z.3f}: {gain_in_words(low, high)}",
    )
    sections = {section.heading: section for section in page.sections}
    for remark in remarks:
        sections["Data"].add_note(remark, tone="warning")
    sections[headings[0]].add_table(
        cross_validated, caption=f"{first.metric} in cross-validation, over the folds"
    )
    compared = [sections[heading] for heading in headings]  # the headline comes first
    page.sections[:] = compared + [s for s in page.sections if s not in compared]
    return page


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a CSV file, may be compressed")
    parser.add_argument("--target", help="the column to predict")
    parser.add_argument("--drop", nargs="+", default=[], help="columns to leave out")
    parser.add_argument("--output", type=Path, default=Path("tune_and_explain.html"))
    parser.add_argument("--n-iter", type=int, default=20, help="candidates to try")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    if not options.output.parent.is_dir():
        parser.error(f"the folder '{options.output.parent}' does not exist")
    if options.n_iter < 2:
        parser.error(f"--n-iter must be at least 2, got {options.n_iter}")
    return options


def print_results(search, comparisons):
    print("\nThe best candidates:")
    print(candidate_table(search).to_string(index=False, float_format="%.4g"))
    for comparison in comparisons:
        print(
            f"\nTest {comparison.metric} with 95 % intervals, and the gain over "
            f"{comparison.reference} on the same rows:"
        )
        print(comparison.to_frame().to_string(index=False, float_format="%.3f"))


def main(arguments=None):
    options = parse_arguments(arguments)
    name, table, target = read_table(options.data, options.target)
    problem = make_problem(name, table, target, dropped=options.drop, seed=options.seed)
    print(
        f"{name}: {len(problem.X_train)} training rows, {len(problem.X_test)} test "
        f"rows, {problem.X_train.shape[1]} features; predicting '{target}'."
    )
    seed = options.seed
    remarks = find_leaks(problem, seed=seed)
    print("".join(f"Warning: {remark}\n" for remark in remarks), end="")
    # More OpenMP threads cost more than they bring on tables of this size.
    with threadpool_limits(limits=1, user_api="openmp"):
        baselines, baseline_scores = fit_baselines(problem, seed=seed)
        search = tune(problem, n_iter=options.n_iter, seed=seed)
        cross_validated, comparisons = compare(
            problem, search, baselines, baseline_scores, seed=seed
        )
        print_results(search, comparisons)
        page = make_page(
            problem, search, cross_validated, comparisons, remarks=remarks, seed=seed
        )
    print(f"\nThe page: {page.write(options.output)}")


if __name__ == "__main__":
    main()
