"""Local effects accumulated along features: the arithmetic, without the estimator.

A local effect is the change of a prediction as a feature goes from one point to the
next, in the rows nearby. Its mean is taken per step, and the means are summed. All of
this is linear in the mean local effects, which gives the standard errors too.
"""

from __future__ import annotations

import numpy as np

from skdl.explain.effects._feature_axes import FeatureAxis


def accumulate(
    axis: FeatureAxis, differences: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Accumulate the local effects of one feature."""
    # differences: (n_samples, n_outputs); weights: (n_samples,) -> (n_points,
    # n_outputs)
    n_steps = axis.n_steps
    if axis.is_numeric:
        parts = [(np.ones(len(weights), bool), axis.place, differences)]
    else:
        up, down = differences
        parts = [
            (axis.place < n_steps, axis.place, up),
            (axis.place > 0, axis.place - 1, down),
        ]
    step = np.concatenate([places[used] for used, places, _ in parts])
    difference = np.concatenate([values[used] for used, _, values in parts])
    weight = np.concatenate([weights[used] for used, *_ in parts])
    total = np.bincount(step, weight, minlength=n_steps)[:, None]
    mean = _sums(step, weight[:, None] * difference, n_steps) / total
    residual = difference - mean[step]
    covariance = _covariance(step, residual, weight, total, n_steps)
    if not axis.is_numeric:
        # Rows of a level between two steps count in the means of both.
        scaled = np.zeros((2, *differences.shape[1:]))
        n_up = parts[0][0].sum()
        scaled[0][parts[0][0]] = residual[:n_up]
        scaled[1][parts[1][0]] = residual[n_up:]
        shared = parts[0][0] & parts[1][0]
        both = (weights[:, None] ** 2 * scaled[0] * scaled[1])[shared]
        between = _sums(axis.place[shared], both, n_steps)[1:]
        between /= total[:-1] * total[1:]
        upper = np.arange(n_steps - 1)
        covariance[upper, upper + 1] = covariance[upper + 1, upper] = between
    centring = _centring(axis, weights)
    variance = np.einsum("mj,jlo,ml->mo", centring, covariance, centring)
    # Rounding may turn a variance of 0 slightly negative.
    return centring @ mean, np.sqrt(np.maximum(variance, 0.0))


def _sums(place: np.ndarray, values: np.ndarray, n_places: int) -> np.ndarray:
    """Sum rows of values by place -> (n_places, n_outputs)."""
    sums = np.zeros((n_places, values.shape[1]))
    np.add.at(sums, place, values)
    return sums


def _covariance(
    step: np.ndarray,
    residual: np.ndarray,
    weight: np.ndarray,
    total: np.ndarray,
    n_steps: int,
) -> np.ndarray:
    """Variances of the mean local effects on the diagonal (n_steps, n_steps, n_out).

    A step with one row gets the variance within the steps with several rows. There is
    always one of these: the first interval includes both of its ends.
    """
    counts = np.bincount(step, minlength=n_steps)[:, None]
    squares = _sums(step, (weight[:, None] * residual) ** 2, n_steps) / total**2
    several = counts[:, 0] > 1
    pooled = (residual**2).sum(axis=0) / (counts[several] - 1).sum()
    variance = np.broadcast_to(pooled, squares.shape).copy()
    variance[several] = (squares * counts / np.maximum(counts - 1, 1))[several]
    covariance = np.zeros((n_steps, n_steps, residual.shape[1]))
    covariance[np.arange(n_steps), np.arange(n_steps)] = variance
    return covariance


def _centring(axis: FeatureAxis, weights: np.ndarray) -> np.ndarray:
    """What adds up local effects to centred effects -> (n_points, n_steps)."""
    steps = np.arange(axis.n_steps)
    points = np.arange(axis.n_steps + 1)
    added = (steps < points[:, None]).astype(float)
    # The mean over the rows of the curve, which is straight within an interval.
    reached = np.bincount(axis.place, weights, minlength=len(points))
    within = np.bincount(axis.place, weights * axis.share, minlength=len(points))
    beyond = reached.sum() - reached.cumsum()
    return added - (beyond + within)[:-1] / weights.sum()


def accumulate_second(
    one: FeatureAxis, other: FeatureAxis, differences: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Accumulate the second differences of two features of numbers."""
    # differences: (n_samples, n_outputs); weights: (n_samples,) -> (n_outputs,
    # n_points_one, n_points_other), (n_intervals_one, n_intervals_other)
    shape = (one.n_steps, other.n_steps)
    cell = np.ravel_multi_index((one.place, other.place), shape)
    n_cells = shape[0] * shape[1]
    counts = np.bincount(cell, minlength=n_cells).reshape(shape)
    total = np.bincount(cell, weights, minlength=n_cells)[:, None]
    sums = _sums(cell, weights[:, None] * differences, n_cells)
    mean = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
    mean = mean[_nearest_filled(one, other, counts)].reshape(*shape, -1)
    surface = np.zeros((shape[0] + 1, shape[1] + 1, mean.shape[-1]))
    surface[1:, 1:] = mean.cumsum(axis=0).cumsum(axis=1)
    first = _alone(one, other, surface, weights)
    second = _alone(other, one, surface.swapaxes(0, 1), weights)
    surface = surface - first[:, None] - second[None]
    surface -= np.average(_at_rows(one, other, surface), axis=0, weights=weights)
    return np.moveaxis(surface, -1, 0), counts


def _nearest_filled(
    one: FeatureAxis, other: FeatureAxis, counts: np.ndarray
) -> np.ndarray:
    """For each cell, flat: the nearest cell that has rows, itself if it has any.

    Middles of cells are compared, each feature in units of its range.
    """
    middles = [
        (axis.values[1:] + axis.values[:-1]) / 2 / np.ptp(axis.values)
        for axis in (one, other)
    ]
    points = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, 2)
    filled = np.flatnonzero(counts)
    nearest = np.arange(counts.size)
    for cell in np.flatnonzero(counts.ravel() == 0):
        distances = ((points[filled] - points[cell]) ** 2).sum(axis=1)
        nearest[cell] = filled[distances.argmin()]
    return nearest


def _alone(
    axis: FeatureAxis, other: FeatureAxis, surface: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The accumulated local effect of one feature in a surface of two."""
    rises = np.diff(surface, axis=0)
    share = other.share[:, None]
    at_rows = rises[axis.place, other.place] * (1 - share)
    at_rows += rises[axis.place, other.place + 1] * share
    total = np.bincount(axis.place, weights, minlength=axis.n_steps)[:, None]
    mean = _sums(axis.place, weights[:, None] * at_rows, axis.n_steps) / total
    return np.concatenate([np.zeros((1, mean.shape[1])), mean.cumsum(axis=0)])


def _at_rows(one: FeatureAxis, other: FeatureAxis, surface: np.ndarray) -> np.ndarray:
    """The surface at the rows, linear along either feature within a cell."""
    share, across = one.share[:, None], other.share[:, None]
    low = surface[one.place, other.place] * (1 - across)
    low += surface[one.place, other.place + 1] * across
    high = surface[one.place + 1, other.place] * (1 - across)
    high += surface[one.place + 1, other.place + 1] * across
    return low * (1 - share) + high * share
