"""Surrogates: readable models fitted to the predictions of another model.

A tree, a few rules or a linear model is fitted to the predictions of an estimator, not
to the targets, and is checked on rows that it was not fitted on. It explains the
estimator as far as it follows it there; the record states how far.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from skdl._checks import check_count, check_share
from skdl._record import Record
from skdl._responses import Response, output_of, response_of
from skdl._tables import Table, as_table, feature_names_of, take_rows
from skdl.data import bootstrap_interval
from skdl.exceptions import DataError, ParameterError
from skdl.explain.surrogates._agreement import (
    interval_explained,
    labels_of,
    share_explained,
)
from skdl.explain.surrogates._models import (
    Kind,
    table_of_rules,
    table_of_terms,
    unfitted_surrogate,
)
from skdl.explain.surrogates._rules import Node, read_tree

LEAST_ROWS = 8
LEAST_GAIN = 0.001  # share of the variance that a split must explain
FAITHFUL = 0.8  # share explained that Surrogate.is_faithful needs


@dataclass(frozen=True, repr=False)
class Surrogate(Record):
    """A readable model of an estimator's predictions, and how well it follows them.

    Parameters
    ----------
    kind : {"tree", "linear", "rules"}
        What was fitted.
    outputs : tuple of str
        Outputs of the estimator that it follows.
    response : str
        What the numbers are, such as "probability".
    fidelity : float
        Share of the variance of the estimator's predictions that the surrogate explains
        (R2), on rows that the surrogate was not fitted on.
    interval : tuple of (float, float)
        Middle 95 % of the fidelity over resampled rows.
    agreement : float or None
        Share of these rows for which both imply the same label; None for a regressor.
        The label is the class with the greatest probability, or a single probability
        above 0.5 (for decision functions: above 0).
    agreement_interval : tuple of (float, float) or None
        Middle 95 % over resampled rows.
    n_fitted, n_held_out : int
        Number of rows it was fitted on, and of others it was checked on.
    table : DataFrame
        The rules or the coefficients; what ``to_frame`` returns.
    model : Pipeline
        The surrogate itself: ``model.predict`` takes rows as the estimator does.
    nodes : tuple of Node, default=()
        Nodes of a tree or rules, each before those below it.
    intercept : tuple of float, default=()
        Of a linear surrogate: the prediction where all numbers are 0 and all
        categorical features at their reference level.
    """

    kind: Kind
    outputs: tuple[str, ...]
    response: str
    fidelity: float
    interval: tuple[float, float]
    agreement: float | None
    agreement_interval: tuple[float, float] | None
    n_fitted: int
    n_held_out: int
    table: pd.DataFrame
    model: Pipeline
    nodes: tuple[Node, ...] = ()
    intercept: tuple[float, ...] = ()

    @property
    def is_faithful(self) -> bool:
        """Whether at least 0.8 of the variance is explained, even at the lower end.

        Otherwise the surrogate describes itself rather than the estimator.
        """
        return self.interval[0] >= FAITHFUL

    @property
    def rules(self) -> str:
        """The surrogate in words, one line per rule or coefficient."""
        if self.kind == "linear":
            return "\n".join(self._equations())
        return "\n".join(
            f"if {row['rule']}, then {self._shown(row)} ({row['support']:.1%} of rows)"
            for _, row in self.table.iterrows()
        )

    def _shown(self, row: pd.Series) -> str:
        if len(self.outputs) == 1:
            return f"{row['response']:.4g}"
        return ", ".join(
            f"{name}: {row[f'response {name}']:.3g}" for name in self.outputs
        )

    def _equations(self) -> list[str]:
        lines = []
        for place, output in enumerate(self.outputs):
            lines.append(f"{self.response} of {output} = {self.intercept[place]:.4g}")
            rows = self.table[self.table["output"] == output]
            lines += [
                f"  {row['coefficient']:+.4g} \N{MULTIPLICATION SIGN} ({row['term']})"
                for _, row in rows.iterrows()
            ]
        return lines

    def summary(self) -> str:
        """Describe in a sentence how well it follows the estimator.

        Returns
        -------
        sentence : str
            With the intervals and the number of rows.
        """
        low, high = self.interval
        text = (
            f"explains {self.fidelity:.2f} [{low:.2f}, {high:.2f}] of the variance of "
            f"the {self.response} on {self.n_held_out} rows it was not fitted on"
        )
        if self.agreement is not None and self.agreement_interval is not None:
            low, high = self.agreement_interval
            text += f"; same label for {self.agreement:.1%} [{low:.1%}, {high:.1%}]"
        if not self.is_faithful:
            text += (
                f". It cannot stand for the estimator, which needs {FAITHFUL} at "
                "the lower end"
            )
        return f"This surrogate ({self.kind}) {text}."

    def to_frame(self) -> pd.DataFrame:
        """Return the rules or coefficients as a table.

        Returns
        -------
        frame : DataFrame
            Of a tree (in its order) or rules (the greatest response first): "rule",
            "support" (share of the rows fitted on), "n_samples", "response" and
            "held_out" (the mean prediction of the estimator itself for the held-out
            rows of the rule; NaN if there are none), the last two with the name of the
            output where there are several. Of a linear surrogate: "output", "term",
            "coefficient" (change of the response per unit of the feature), "per"
            (that unit, or the reference level of a categorical feature) and
            "standardised" (change per standard deviation), the largest first.
        """
        return self.table.copy()

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.summary())}</p>{super()._repr_html_()}"


def _check(kind: Any, max_depth: Any, max_terms: Any, **shares: Any) -> None:
    if kind not in get_args(Kind):
        raise ParameterError(
            f"The 'kind' parameter of surrogate must be one of {list(get_args(Kind))}. "
            f"Got {kind!r} instead."
        )
    check_count(max_depth, name="max_depth", function="surrogate")
    least = 2 if kind == "rules" else 1
    check_count(max_terms, name="max_terms", function="surrogate", least=least)
    for name, share in shares.items():
        check_share(share, name=name, function="surrogate")


def _split(X: Table, test_size: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to fit on and the rows to check on."""
    if len(X) < LEAST_ROWS:
        raise DataError(
            f"A surrogate needs at least {LEAST_ROWS} rows, to be fitted on some and "
            f"checked on others. Got {len(X)}."
        )
    n_held_out = min(max(2, round(test_size * len(X))), len(X) - 2)
    fitted, held_out = train_test_split(
        np.arange(len(X)), test_size=n_held_out, random_state=seed
    )
    return np.sort(fitted), np.sort(held_out)


def _refuse_constant(values: np.ndarray, which: str) -> None:
    if not np.isfinite(values).all():
        raise DataError(
            "A surrogate needs finite predictions. The estimator predicts NaN or "
            f"infinity for {int((~np.isfinite(values)).any(axis=1).sum())} rows."
        )
    if (np.ptp(values, axis=0) == 0).all():
        raise DataError(
            f"The estimator predicts the same for all {len(values)} {which}rows, so a "
            "surrogate has nothing to follow. Pass rows with different predictions."
        )


def _place_of(output: Any, response: Response) -> int | None:
    """Return which output to follow; None for all classes or labels together."""
    if output is not None:
        return output_of(output, response)
    if response.task == "regression" and len(response.outputs) > 1:
        raise ParameterError(
            "A surrogate follows one output of a regressor, since each may have a unit "
            f"of its own. Pass one of {list(response.outputs)} as 'output'."
        )
    return None


def _in_words(
    model: Pipeline,
    fitted: Table,
    held_out: Table,
    predictions: np.ndarray,
    outputs: tuple[str, ...],
) -> dict[str, Any]:
    """Read the fitted model."""
    if "terms" in model.named_steps:
        table, intercept = table_of_terms(model, outputs)
        return {"table": table, "intercept": intercept}
    columns, tree = model["columns"], model["surrogate"]
    nodes = read_tree(tree, columns, columns.transform(fitted))
    table = table_of_rules(
        nodes, tree.apply(columns.transform(held_out)), predictions, outputs
    )
    if tree.max_leaf_nodes is not None:  # rules, which have no order of their own
        first = next(name for name in table if name.startswith("response"))
        table = table.sort_values(first, ascending=False, ignore_index=True)
    return {"table": table, "nodes": tuple(nodes)}


def _fidelity(
    predictions: np.ndarray,
    followed: np.ndarray,
    response: Response,
    place: int | None,
    generator: np.random.RandomState,
) -> dict[str, Any]:
    """Compare the two on the held-out rows."""
    found: dict[str, Any] = {
        "fidelity": share_explained(predictions, followed),
        "interval": interval_explained(predictions, followed, generator),
        "agreement": None,
        "agreement_interval": None,
    }
    if response.task != "regression":
        labels = (
            labels_of(predictions, response, place),
            labels_of(followed, response, place),
        )
        agrees = (labels[0] == labels[1]).mean(axis=1)
        found["agreement"] = float(agrees.mean())
        found["agreement_interval"] = bootstrap_interval(
            lambda rows: agrees[rows].mean(axis=1), len(agrees), random_state=generator
        )
    return found


def surrogate(
    estimator: Any,
    X: Any,
    *,
    kind: Kind = "tree",
    max_depth: int = 3,
    max_terms: int = 10,
    min_support: float = 0.01,
    test_size: float = 0.25,
    output: str | int | None = None,
    feature_names: Sequence[str] | None = None,
    random_state: int | np.random.RandomState | None = None,
) -> Surrogate:
    """Fit a readable model to an estimator's predictions.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier or regressor.
    X : array-like of shape (n_samples, n_features)
        Rows to predict; no targets are needed. Text and missing values are fine if the
        estimator accepts them.
    kind : {"tree", "linear", "rules"}, default="tree"
        "tree": a regression tree. "rules": the leaves of a regression tree with few
        leaves, which may differ in depth; each row matches one rule. "linear": a ridge
        regression on few columns.
    max_depth : int, default=3
        Of a tree or rules: maximum number of conditions on the way to a leaf.
    max_terms : int, default=10
        Maximum number of rules, or of columns of a linear surrogate. The columns are
        those that enter the lasso path first.
    min_support : float, default=0.01
        Of a tree or rules: minimum share of the fitted rows in each leaf.
    test_size : float, default=0.25
        Share of the rows to check it on, drawn at random.
    output : str, int or None, default=None
        The output to follow: a class, label or prediction, by name or position. None
        follows all classes or labels of a classifier with one surrogate; a regressor
        with several outputs needs a name.
    feature_names : sequence of str or None, default=None
        Names of the columns; None takes those of a DataFrame.
    random_state : int, RandomState instance or None, default=None
        Seed of the split, of ties between splits of a tree, and of the intervals.

    Returns
    -------
    surrogate : Surrogate
        The model in words and numbers, and how well it follows the estimator.

    Raises
    ------
    ParameterError
        If a parameter's value, or an output, is unknown.
    DataError
        If there are fewer than 8 rows, or the predictions are all equal or not finite.

    Notes
    -----
    A split that explains less than 0.001 of the variance is not made. Levels of
    categorical features beyond the 19 most frequent become one level, "(other)". Trees
    split off missing numbers; a linear surrogate replaces them by the median and has a
    column that marks them.

    References
    ----------
    .. [1] Craven and Shavlik (1995). Extracting Tree-Structured Representations of
       Trained Networks. NIPS 8.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skdl.explain import surrogate
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> forest = RandomForestClassifier(random_state=0).fit(X, y == 2)
    >>> tree = surrogate(forest, X, max_depth=1, random_state=0)
    >>> print(tree.rules)
    if petal width (cm) <= 1.65, then 0.02835 (70.5% of rows)
    if petal width (cm) > 1.65, then 0.9624 (29.5% of rows)
    """
    _check(kind, max_depth, max_terms, min_support=min_support, test_size=test_size)
    table = as_table(X)
    generator = check_random_state(random_state)
    seeds = generator.randint(np.iinfo(np.int32).max, size=2).tolist()
    fitted, held_out = _split(table, test_size, seeds[0])
    response = response_of(estimator, table)
    place = _place_of(output, response)
    predictions = response.of(estimator, table)
    outputs = response.outputs
    if place is not None:
        predictions, outputs = predictions[:, [place]], (outputs[place],)
    _refuse_constant(predictions, "")
    _refuse_constant(predictions[held_out], "held-out ")
    model = unfitted_surrogate(
        kind,
        feature_names=feature_names_of(table, feature_names),
        max_depth=max_depth,
        max_terms=max_terms,
        min_support=min_support,
        least_gain=LEAST_GAIN * predictions[fitted].var(axis=0).mean(),
        seed=seeds[1],
    )
    model.fit(take_rows(table, fitted), predictions[fitted])
    rows = take_rows(table, held_out)
    followed = model.predict(rows).reshape(len(rows), len(outputs))
    return Surrogate(
        kind=kind,
        outputs=outputs,
        response=response.label,
        n_fitted=len(fitted),
        n_held_out=len(held_out),
        model=model,
        **_fidelity(predictions[held_out], followed, response, place, generator),
        **_in_words(
            model, take_rows(table, fitted), rows, predictions[held_out], outputs
        ),
    )
