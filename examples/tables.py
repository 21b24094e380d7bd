"""A CSV file as a problem to learn: read, checked, a test set kept apart."""

import difflib
from dataclasses import dataclass

import pandas as pd
from sklearn import model_selection
from sklearn.datasets import load_breast_cancer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

N_FOLDS = 5


@dataclass(frozen=True)
class Problem:
    """A table to learn from, its test rows kept apart."""

    name: str
    target: str
    is_classification: bool
    metrics: tuple[str, ...]  # the first one decides
    folds: model_selection.BaseCrossValidator
    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: pd.Series
    y_test: pd.Series


def read_table(path, target):
    """Read the table -> its name, the table, the name of the target."""
    if path is None:
        X, y = load_breast_cancer(return_X_y=True, as_frame=True)
        y = y.map({0: "malignant", 1: "benign"})
        return "Breast cancer", X.assign(diagnosis=y), target or "diagnosis"
    if target is None:
        raise SystemExit("Name the column to predict: --target COLUMN.")
    if not path.is_file():
        raise SystemExit(f"The file '{path}' does not exist.")
    try:
        return path.name.split(".")[0], pd.read_csv(path), target
    except (OSError, ValueError) as error:
        raise SystemExit(f"The file '{path}' is not a readable CSV: {error}") from None


def make_problem(name, table, target, *, dropped, seed):
    """Decide the task, check that it can be learned, keep a test set apart."""
    table.columns = table.columns.astype(str)
    for column in [target, *dropped]:
        if column not in table.columns:
            near = difflib.get_close_matches(column, table.columns, cutoff=0.4)
            near = ", ".join(near or table.columns[:8])
            raise SystemExit(f"The table has no column '{column}'. Nearest: {near}.")
    table = table[table[target].notna()]
    y = table[target]
    X = table.drop(columns=[target, *dropped]).dropna(axis="columns", how="all")
    numbers = X.select_dtypes(["number", "bool"]).columns
    X = X.astype(dict.fromkeys(numbers, float))
    is_number = pd.api.types.is_numeric_dtype(y) and y.dtype != bool
    is_class = not is_number or (y.nunique() <= 20 and bool((y % 1 == 0).all()))
    rarest = y.value_counts().min() if is_class else len(y)
    if len(X) < 50 or X.empty or y.nunique() < 2 or rarest < 2 * N_FOLDS:
        raise SystemExit(
            "Too little to learn from: at least 50 rows, a feature, 2 values of "
            f"'{target}' and {2 * N_FOLDS} rows of each class are needed. Got "
            f"{len(X)}, {X.shape[1]}, {y.nunique()} and {rarest}."
        )
    if is_class:
        folds = model_selection.StratifiedKFold(
            N_FOLDS, shuffle=True, random_state=seed
        )
        metrics = ("accuracy", "roc_auc" if y.nunique() == 2 else "roc_auc_ovr")
    else:
        folds = model_selection.KFold(N_FOLDS, shuffle=True, random_state=seed)
        metrics = ("r2", "neg_root_mean_squared_error")
    parts = model_selection.train_test_split(
        X, y, test_size=0.25, random_state=seed, stratify=y if is_class else None
    )
    return Problem(name, target, is_class, metrics, folds, *parts)


def find_leaks(problem, *, seed):
    """Name the columns from which a tree alone predicts held-out rows perfectly."""
    X = problem.X_train.sample(min(len(problem.X_train), 2000), random_state=seed)
    y = problem.y_train.loc[X.index]
    tree = (
        DecisionTreeClassifier if problem.is_classification else DecisionTreeRegressor
    )
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(codes, tree(random_state=seed))
    return [
        f"The column '{column}' alone predicts '{problem.target}' perfectly. If it is "
        f"not known in time, leave it out with --drop '{column}'."
        for column in X
        if model_selection.cross_val_score(model, X[[column]], y, cv=3).min() > 0.9999
    ]
