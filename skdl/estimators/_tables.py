"""Tables as the input of a multilayer perceptron."""

from __future__ import annotations

from typing import Any

from skdl.estimators._checks import check_features, working_dtype
from skdl.estimators._planning import plan_perceptron
from skdl.networks import MLPArchitecture


class TableInputMixin:
    """Makes an estimator take tables, sparse ones too, and train a perceptron."""

    def _check_features(
        self, X: Any, known: MLPArchitecture | None, *, trains: bool
    ) -> Any:
        dtype = working_dtype(X) if known is None else known.dtype
        return check_features(self, X, dtype, reset=known is None)

    def _plan_architecture(
        self, features: Any, n_outputs: int, _: MLPArchitecture | None
    ) -> MLPArchitecture:
        return plan_perceptron(
            self,
            n_features=features.shape[1],
            n_outputs=n_outputs,
            dtype=features.dtype.name,
        )

    def __sklearn_tags__(self) -> Any:
        """Say that sparse tables are accepted."""
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.sparse = True
        return tags
