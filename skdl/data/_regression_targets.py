"""Targets that are quantities, standardised for training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from skdl.exceptions import DataError


@dataclass(frozen=True)
class RegressionTargets:
    """The mean and the scale by which quantities are standardised.

    The network learns (y - mean) / scale, so a learning rate means the same in any unit
    of y.

    Parameters
    ----------
    mean : ndarray of shape (n_outputs,)
        Weighted mean of each output, in units of y.
    scale : ndarray of shape (n_outputs,)
        Weighted standard deviation of each output, in units of y; 1 if constant.
    is_column : bool
        Whether y had the shape (n_samples,).
    """

    mean: np.ndarray
    scale: np.ndarray
    is_column: bool

    @classmethod
    def from_values(cls, y: np.ndarray, weights: np.ndarray) -> RegressionTargets:
        """Compute the mean and the scale of y.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Quantities, in any unit.
        weights : ndarray of shape (n_samples,)
            Sample weights; a row of weight 0 does not count.

        Returns
        -------
        RegressionTargets
            Means and standard deviations of the outputs.
        """
        # 64 bits whatever the network's dtype: a mean of large values loses digits.
        columns = y.reshape(len(y), -1).astype(np.float64)
        mean = np.average(columns, axis=0, weights=weights)
        size = np.abs(columns).max(axis=0)
        size[size == 0] = 1.0
        relative = (columns - mean) / size  # so that no square over- or underflows
        spread = np.sqrt(np.average(relative**2, axis=0, weights=weights))
        is_constant = spread <= 1e-12
        return cls(mean, np.where(is_constant, 1.0, spread * size), y.ndim == 1)

    @property
    def n_outputs(self) -> int:
        """Number of quantities."""
        return len(self.mean)

    def weigh(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the sample weights unchanged, as quantities have no classes.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Not used.
        weights : ndarray of shape (n_samples,)
            Sample weights.

        Returns
        -------
        ndarray of shape (n_samples,)
            The same array.
        """
        return weights

    def distinguish(self, y: np.ndarray) -> np.ndarray:
        """Return the quantities themselves.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Quantities.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
            As float64.
        """
        return y.reshape(len(y), -1).astype(np.float64)

    def strata(self, encoded: np.ndarray) -> None:
        """Return None: quantities are not stratified.

        Parameters
        ----------
        encoded : ndarray of shape (n_samples, n_outputs)
            Not used.
        """

    def encode(self, y: np.ndarray, dtype: np.dtype) -> np.ndarray:
        """Return standardised targets.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Quantities, in units of y.
        dtype : numpy.dtype
            Float type of the result.

        Returns
        -------
        ndarray of shape (n_samples, n_outputs)
            Without a unit.

        Raises
        ------
        DataError
            If y has a different number of outputs.
        """
        columns = y.reshape(len(y), -1).astype(np.float64)
        if columns.shape[1] != len(self.mean):
            raise DataError(
                f"y must have {len(self.mean)} outputs, as in the first fit. Got "
                f"{columns.shape[1]}. Fit a new estimator for other targets."
            )
        return ((columns - self.mean) / self.scale).astype(dtype)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return predictions in units of y.

        Parameters
        ----------
        outputs : ndarray of shape (n_samples, n_outputs)
            Standardised predictions.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            In units of y, as float64: y may have an offset that float32 rounds away.
        """
        values = outputs.astype(np.float64) * self.scale + self.mean
        return values[:, 0] if self.is_column else values
