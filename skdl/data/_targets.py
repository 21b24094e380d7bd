"""What an estimator asks of the meaning of y.

`ClassTargets` and `RegressionTargets` share this contract: they say how many outputs
the network has, and encode and weigh y. Each also decodes predictions.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Targets(Protocol):
    """What an estimator asks of the meaning of y."""

    @property
    def n_outputs(self) -> int:
        """Units of the network's last layer."""

    def encode(self, y: Any, dtype: np.dtype) -> np.ndarray:
        """Return what the loss compares outputs with.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as passed by the user.
        dtype : numpy.dtype
            Float type of the network.
        """

    def weigh(self, y: Any, weights: np.ndarray) -> np.ndarray:
        """Return sample weights times class weights.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as passed by the user.
        weights : ndarray of shape (n_samples,)
            Sample weights.
        """

    def distinguish(self, y: Any) -> np.ndarray:
        """Return what tells copies of a row apart, beside its features.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets, as passed by the user.
        """

    def strata(self, encoded: np.ndarray) -> np.ndarray | None:
        """Return class numbers to stratify by, or None.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            As `encode` returns them.
        """
