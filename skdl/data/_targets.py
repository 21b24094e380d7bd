"""The contract that `ClassTargets` and `RegressionTargets` share.

Both know how many outputs the network needs, and encode and weigh y. Each also decodes
predictions, in its own way.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Targets(Protocol):
    """What an estimator needs to know about y."""

    @property
    def n_outputs(self) -> int:
        """Units of the network's last layer."""

    def encode(self, y: Any, dtype: np.dtype) -> np.ndarray:
        """Return what the loss compares the outputs with.

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
        """Return numbers that are equal for equal targets only.

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
