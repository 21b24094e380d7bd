"""Tune a network on a table, compare it with simple models, explain it on one page.

    python examples/tune_and_explain.py
    python examples/tune_and_explain.py --data FILE.csv --target COLUMN --drop COLUMN

Without --data it reads scikit-learn's breast cancer table. A target of text or of few
whole numbers makes it a classification, any other number a regression.
"""

import argparse
import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import loguniform, uniform
from sklearn import inspection
from sklearn.callback import ProgressBar
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdl import MLPClassifier, MLPRegressor
from skdl.reports import TuningRecord, tuning_page
from skdl.search import candidate_table, compare_models, parameter_importance

NETWORK = "network (tuned)"
MOST_CLASSES = 20  # a target of more different numbers is a regression
N_FOLDS = 5
N_EXPLAINED = 4  # features with a partial dependence
MOST_ROWS_EXPLAINED = 2000

SEARCH_SPACE = {
    "mlp__optimizer": ["adam", "nadam", "rmsprop", "sgd"],
    "mlp__learning_rate": loguniform(1e-4, 3e-2),
    "mlp__hidden_layer_sizes": [(32,), (64, 32), (128, 64)],
    "mlp__dropout": uniform(0, 0.5),
    "mlp__batch_norm": [False, True],
    "mlp__l2": loguniform(1e-6, 1e-2),
}


@dataclass(frozen=True)
class Problem:
    """A table to learn from, its test rows kept apart."""

    name: str
    target: str
    task: str  # "classification" or "regression"
    metrics: tuple[str, ...]  # the first one decides
    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: pd.Series
    y_test: pd.Series
    remarks: tuple[str, ...]


# Reading -----------------------------------------------------------------------------


def read_table(path, target):
    """Read the table -> its name, the table, the name of the target."""
    if path is None:
        data = load_breast_cancer(as_frame=True)
        names = pd.Series(data.target_names)
        return (
            "Breast cancer",
            data.data.assign(diagnosis=names[data.target].values),
            (target or "diagnosis"),
        )
    if not path.is_file():
        raise SystemExit(f"The file '{path}' does not exist.")
    if target is None:
        raise SystemExit("Name the column to predict: --target COLUMN.")
    try:
        table = pd.read_csv(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SystemExit(f"The file '{path}' is not a readable CSV: {error}") from None
    return path.name.split(".")[0], table, target


def check_columns(table, names):
    """Stop with the nearest names when a column is not there."""
    for name in names:
        if name not in table.columns:
            columns = [str(column) for column in table.columns]
            nearest = (
                difflib.get_close_matches(name, columns, cutoff=0.4) or columns[:8]
            )
            raise SystemExit(
                f"The table has no column '{name}'. Nearest: {', '.join(nearest)}."
            )


def make_problem(name, table, *, target, dropped=(), seed=0):
    """Decide the task, prepare the columns and keep a test set apart."""
    check_columns(table, [target, *dropped])
    known = table[table[target].notna()]
    y = known[target]
    is_number = pd.api.types.is_numeric_dtype(y) and not pd.api.types.is_bool_dtype(y)
    is_whole = is_number and bool((y % 1 == 0).all())
    is_class = not is_number or (is_whole and y.nunique() <= MOST_CLASSES)
    X = known.drop(columns=[target, *dropped]).dropna(axis="columns", how="all")
    X.columns = X.columns.astype(str)
    numbers = X.select_dtypes(["number", "bool"]).columns
    X = X.astype(dict.fromkeys(numbers, float))
    if len(X) < 50 or X.shape[1] == 0 or y.nunique() < 2:
        raise SystemExit(
            "Too little to learn from: 50 rows, one feature and two values of the "
            f"target are needed. Got {len(X)}, {X.shape[1]} and {y.nunique()}."
        )
    if is_class and y.value_counts().min() < 2 * N_FOLDS:
        raise SystemExit(
            f"Each class of '{target}' needs {2 * N_FOLDS} rows. Rarest: "
            f"{y.value_counts().idxmin()!r} with {y.value_counts().min()}."
        )
    if is_class:
        metrics = ("accuracy", "roc_auc" if y.nunique() == 2 else "roc_auc_ovr")
    else:
        metrics = ("r2", "neg_root_mean_squared_error")
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.25, random_state=seed, stratify=y if is_class else None
    )
    task = "classification" if is_class else "regression"
    remarks = [
        f"The column '{column}' alone predicts '{target}' perfectly. If it would not "
        f"be known in time, leave it out: --drop {column}"
        for column in perfect_columns(X_train, y_train, task, seed=seed)
    ]
    if len(known) < len(table):
        n_unknown = len(table) - len(known)
        remarks.append(f"{n_unknown} rows without a target are left out.")
    return Problem(
        name, target, task, metrics, X_train, X_test, y_train, y_test, tuple(remarks)
    )


def perfect_columns(X, y, task, *, seed):
    """Name the columns from which a tree predicts held-out targets without error."""
    rows = X.sample(min(len(X), 2000), random_state=seed).index
    trees = {
        "classification": DecisionTreeClassifier,
        "regression": DecisionTreeRegressor,
    }
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    tree = make_pipeline(encoder, trees[task](random_state=seed))
    return [
        column
        for column in X
        if cross_val_score(tree, X.loc[rows, [column]], y.loc[rows], cv=3).min()
        > 0.9999
    ]


# Fitting -----------------------------------------------------------------------------


def preprocessing():
    """Fill and scale numbers; turn text into one column per frequent category."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True), StandardScaler()
    )
    words = OneHotEncoder(
        max_categories=20, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("words", words, make_column_selector(dtype_exclude="number")),
        ]
    )


def folds(problem, *, seed):
    kind = StratifiedKFold if problem.task == "classification" else KFold
    return kind(N_FOLDS, shuffle=True, random_state=seed)


def fit_baselines(problem, *, seed):
    """Fit simple models -> the fitted models, and their cross-validated scores."""
    if problem.task == "classification":
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
    models = {name: make_pipeline(preprocessing(), m) for name, m in models.items()}
    X, y, cv = problem.X_train, problem.y_train, folds(problem, seed=seed)
    scores = {
        name: cross_val_score(model, X, y, cv=cv, scoring=problem.metrics[0])
        for name, model in models.items()
    }
    return {name: model.fit(X, y) for name, model in models.items()}, scores


def tune(problem, *, n_iter, seed):
    """Search the network's parameters and refit the best candidate."""
    network = MLPClassifier if problem.task == "classification" else MLPRegressor
    batch_size = int(np.clip(2 ** round(np.log2(len(problem.X_train) / 16)), 32, 512))
    mlp = network(
        epochs=100,
        early_stopping=True,
        patience=10,
        batch_size=batch_size,
        random_state=seed,
    )
    search = RandomizedSearchCV(
        Pipeline([("prepare", preprocessing()), ("mlp", mlp)]),
        SEARCH_SPACE,
        n_iter=n_iter,
        cv=folds(problem, seed=seed),
        scoring=problem.metrics[0],
        random_state=seed,
    )
    search.set_callbacks(ProgressBar(max_propagation_depth=0))
    return search.fit(problem.X_train, problem.y_train)


# Explaining --------------------------------------------------------------------------


def grid_of(column):
    """Values of a feature to try: its categories, or even steps between its ends."""
    known = column.dropna()
    if not pd.api.types.is_numeric_dtype(column):
        return known.value_counts().index[:8].to_numpy(dtype=object)
    values = np.unique(known)
    low, high = np.quantile(known, [0.02, 0.98])
    return values if len(values) <= 12 or low == high else np.linspace(low, high, 30)


def explain(model, problem, *, seed):
    """Compute importances on test rows, and the effect of the strongest features."""
    rows = problem.X_test.index[:MOST_ROWS_EXPLAINED]
    X, y = problem.X_test.loc[rows], problem.y_test.loc[rows]
    importance = inspection.permutation_importance(
        model, X, y, n_repeats=10, scoring=problem.metrics[0], random_state=seed
    )
    strongest = np.argsort(-importance.importances_mean)[:N_EXPLAINED]
    effects = {
        name: inspection.partial_dependence(
            model, X, [name], custom_values={name: grid_of(X[name])}, kind="average"
        )
        for name in X.columns[strongest]
    }
    return importance, effects


def describe_columns(X):
    """Tabulate what to know about each feature."""
    rows = []
    for name, column in X.items():
        is_number = pd.api.types.is_numeric_dtype(column)
        known = column.dropna()
        rows.append(
            {
                "feature": name,
                "kind": "number" if is_number else "category",
                "missing": int(column.isna().sum()),
                "distinct": known.nunique(),
                "typical": known.median() if is_number else known.mode().iloc[0],
            }
        )
    return pd.DataFrame(rows)


def make_record(problem, search, baselines, baseline_scores, *, seed):
    """Compute everything that the page shows."""
    best = search.best_estimator_
    folds_of_best = [
        search.cv_results_[f"split{fold}_test_score"][search.best_index_]
        for fold in range(N_FOLDS)
    ]
    scores = {NETWORK: folds_of_best, **baseline_scores}
    cross_validated = pd.DataFrame(
        {
            "model": list(scores),
            "mean": [np.mean(values) for values in scores.values()],
            "std": [np.std(values) for values in scores.values()],
        }
    ).sort_values("mean", ascending=False, kind="stable")
    reference = max(baselines, key=lambda name: np.mean(baseline_scores[name]))
    comparisons = [
        compare_models(
            {NETWORK: best, **baselines},
            problem.X_test,
            problem.y_test,
            scoring=metric,
            reference=reference,
            random_state=seed,
        )
        for metric in problem.metrics
    ]
    importance, effects = explain(best, problem, seed=seed)
    effect_on, class_index = f"predicted {problem.target}", 0
    if problem.task == "classification":
        # scikit-learn gives the second class of two, else one row per class.
        n_classes = len(best.classes_)
        shown = best.classes_[1] if n_classes == 2 else problem.y_train.mode()[0]
        class_index = 0 if n_classes == 2 else list(best.classes_).index(shown)
        effect_on = f"probability of {problem.target} = {shown}"
    return TuningRecord(
        name=problem.name,
        target=problem.target,
        features=describe_columns(problem.X_train),
        remarks=problem.remarks,
        model=NETWORK,
        cross_validated=cross_validated,
        comparisons=comparisons,
        candidates=candidate_table(search, n_best=None),
        parameters=parameter_importance(search, random_state=seed),
        history=best[-1].history_,
        importance=importance,
        feature_names=list(problem.X_test.columns),
        effects=effects,
        effect_on=effect_on,
        class_index=class_index,
    )


def print_summary(record):
    """Print the best candidates and the test scores."""
    print("\nBest candidates (cross-validation):")
    print(record.candidates.head(10).to_string(index=False, float_format="%.4g"))
    for comparison in record.comparisons:
        print(
            f"\nTest {comparison.metric}, with 95 % intervals (bootstrap), and the "
            f"gain over '{comparison.reference}' on the same rows:"
        )
        print(comparison.to_frame().to_string(index=False, float_format="%.3f"))


def parse_arguments(arguments=None):
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
    return options


def main(arguments=None):
    options = parse_arguments(arguments)
    seed = options.seed
    name, table, target = read_table(options.data, options.target)
    problem = make_problem(name, table, target=target, dropped=options.drop, seed=seed)
    n_train, n_test = len(problem.X_train), len(problem.X_test)
    print(
        f"{name}: {problem.task} of '{target}' from {problem.X_train.shape[1]} "
        f"features, {n_train} training rows, {n_test} test rows."
    )
    for remark in problem.remarks:
        print(f"Mind: {remark}")
    baselines, baseline_scores = fit_baselines(problem, seed=seed)
    search = tune(problem, n_iter=options.n_iter, seed=seed)
    record = make_record(problem, search, baselines, baseline_scores, seed=seed)
    print_summary(record)
    print(f"\nThe page: {tuning_page(record).write(options.output)}")


if __name__ == "__main__":
    main()
