"""`probed`: record what a training does to each layer, from outside of the fit.

The network may be the last step of a pipeline. What is recorded is the first network
trained inside, in this thread or in a task of joblib that starts inside `skdl.fuse`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skdl.training._context import Once, Probe, current_context, inside
from skdl.training._probing.endings import final_activations
from skdl.training._probing.layers import QUANTITIES, ProbedLayer, find_layers
from skdl.training._probing.measures import MAY_DIE, MAY_SATURATE
from skdl.training._records import EpochReport, Job, Outcome, Status


@dataclass(frozen=True, eq=False)  # arrays are not equal or unequal
class Recording:
    """What the probes of one training recorded.

    The last axis is `QUANTITIES`. A quantity that a layer does not have is nan: the
    share of dead units without ReLU, of saturated units without sigmoid or tanh, the
    activations of the last layer, gradients at the end.

    Parameters
    ----------
    layers : tuple of ProbedLayer
        From the first layer to the last.
    first_step : ndarray of shape (n_layers, n_quantities)
        In the first step of the run.
    epochs : ndarray of shape (n_epochs, n_layers, n_quantities)
        Means over the steps of each epoch that had finite numbers. Epochs without
        such steps, after a divergence, are left out.
    end : ndarray of shape (n_layers, n_quantities)
        For all training rows, at inference with the weights that were kept.
    n_steps : int
        Steps per epoch.
    status : Status
        How the run ended.
    """

    layers: tuple[ProbedLayer, ...]
    first_step: np.ndarray
    epochs: np.ndarray
    end: np.ndarray
    n_steps: int
    status: Status


class ProbeRequest:
    """A request for the recording of one training."""

    def __init__(self, on_epoch: Callable[[], None] | None) -> None:
        self._on_epoch = on_epoch
        self.recording: Recording | None = None

    def attach(self, jobs: Sequence[Job]) -> list[Job]:
        """Put probes on the first job."""
        job = jobs[0]
        layers = find_layers(job.signature.architecture)
        job = replace(job, signature=replace(job.signature, probes=layers))
        if self._on_epoch is not None:
            notify, own = self._on_epoch, job.on_epoch

            def observe(report: EpochReport) -> bool:
                notify()
                return own is not None and bool(own(report))

            tolerates_delay = own is None or job.tolerates_delay
            job = replace(job, on_epoch=observe, tolerates_delay=tolerates_delay)
        return [job, *jobs[1:]]

    def fulfil(self, job: Job, outcome: Outcome) -> None:
        """Keep what was recorded."""
        layers = job.signature.probes
        has = np.array([_has(layer) for layer in layers])
        values: Any = outcome.probes  # not None, as the job has probes
        recorded = np.reshape(values, (-1, 2, *has.shape))
        recorded = np.where(has, recorded, np.nan)
        means = recorded[:, 1]
        end = final_activations(
            job.signature.architecture, layers, outcome.weights, job.train.features
        )
        self.recording = Recording(
            layers=layers,
            first_step=recorded[0, 0],
            epochs=means[np.isfinite(means[:, :, 0]).all(axis=1)],
            end=np.where(has, end, np.nan),
            n_steps=-(-job.train.n_samples // job.signature.batch_size),
            status=outcome.status,
        )


def _has(layer: ProbedLayer) -> list[bool]:
    """Which of the quantities a layer has."""
    is_hidden = layer.activation is not None
    absent = {"dead_share": MAY_DIE, "saturated_share": MAY_SATURATE}
    return [
        is_hidden and layer.activation in absent[name]
        if name in absent
        else is_hidden or not name.startswith("activation")
        for name in QUANTITIES
    ]


@contextmanager
def probed(on_epoch: Callable[[], None] | None = None) -> Iterator[ProbeRequest]:
    """Record what the first training inside does to the layers of its network.

    Parameters
    ----------
    on_epoch : callable, default=None
        Called once per epoch; for short epochs the calls may come in batches.

    Yields
    ------
    ProbeRequest
        Its `recording` is set once the network has been trained.
    """
    request = ProbeRequest(on_epoch)
    offered: Once[Probe] = Once(request)
    with inside(replace(current_context(), probe=offered)):
        yield request
