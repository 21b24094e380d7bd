"""Jobs and outcomes of the engine, and what they are made of.

A `Job` has a static part, its `Signature`, and numbers. Jobs with the same signature
run the same compiled program. So everything that a search varies is a number, unless it
has to change the program.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from skdl.data import Samples
from skdl.networks import HEADS, Regularization
from skdl.training._probed_layer import ProbedLayer


class Status(enum.Enum):
    """How a training run ended; the value describes it in words."""

    FINISHED = "finished all epochs"
    STOPPED_EARLY = "stopped early: the validation loss no longer improved"
    STOPPED_BY_CALLBACK = "stopped by a callback"
    DIVERGED = "diverged: the loss or a weight grew beyond all bounds"


class Architecture(Hashable, Protocol):
    """What the engine needs of a network description."""

    @property
    def dtype(self) -> str:
        """Float type of weights and activations."""

    @property
    def is_convolutional(self) -> bool:
        """Whether most of the arithmetic is in convolutions."""

    def build(self) -> Any:
        """Return a Keras model, equal for equal descriptions."""

    def merge(self, other: Any) -> Any:
        """Return a description that can stand in for both, or None.

        The arrays of either network fill the first rows and columns of its arrays; the
        rest stays zero.
        """


class Objective(Hashable, Protocol):
    """What the engine needs of a loss with metrics; `skdl.networks.Head` is one."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the metrics in the history."""

    @property
    def is_batchwise(self) -> bool:
        """Whether results depend on how rows are divided into batches."""

    def bind(self, model: Any) -> Any:
        """Return an object that measures this model's outputs.

        It has the methods `initial_metrics`, `measure` and `results` of
        `skdl.networks.Head`.
        """


@dataclass(frozen=True)
class OptimizerSpec:
    """An optimizer, with the settings that its program fixes.

    Parameters
    ----------
    name : str
        A key of `OPTIMIZERS`; with `config`, the name of a class of `keras.optimizers`.
    has_momentum : bool, default=False
        Whether "sgd" or "rmsprop" uses `Rates.momentum`.
    nesterov : bool, default=False
        Whether the momentum of "sgd" is Nesterov's.
    clips_norm : bool, default=False
        Whether the global norm of the gradients is limited to `Rates.clip_norm`.
    clips_value : bool, default=False
        Whether each gradient is limited to `Rates.clip_value`.
    decays_weights : bool, default=False
        Whether weights decay by `Rates.weight_decay` x learning rate in each step.
    config : str, default=None
        Configuration of the Keras optimizer, as JSON. None takes Keras's defaults.
    is_elementwise : bool, default=True
        Whether the update of a weight depends on its own gradient only, so that arrays
        can be joined into one vector.
    """

    name: str
    has_momentum: bool = False
    nesterov: bool = False
    clips_norm: bool = False
    clips_value: bool = False
    decays_weights: bool = False
    config: str | None = None
    is_elementwise: bool = True


@dataclass(frozen=True)
class Signature:
    """What jobs must have in common to run the same program.

    Parameters
    ----------
    architecture : Architecture
        Describes the network.
    loss : str or Objective
        A key of `skdl.networks.HEADS`, or a loss with its own metrics.
    optimizer : OptimizerSpec
        Update rule.
    schedule : str
        A key of `skdl.training._program.schedules.SCHEDULES`.
    batch_size : int
        Rows per step.
    is_sparse : bool
        Whether features are a CSR matrix.
    keeps_best : bool
        Whether the weights of the best epoch are kept, and training may stop early.
    probes : tuple of ProbedLayer, default=()
        Layers whose gradients, updates and activations are recorded.
    """

    architecture: Architecture
    loss: str | Objective
    optimizer: OptimizerSpec
    schedule: Literal["constant", "exponential", "cosine", "plateau"]
    batch_size: int
    is_sparse: bool
    keeps_best: bool
    probes: tuple[ProbedLayer, ...] = ()

    @property
    def objective(self) -> Objective:
        """The loss with its metrics, for training and validation rows."""
        return HEADS[self.loss] if isinstance(self.loss, str) else self.loss

    @property
    def history_columns(self) -> tuple[str, ...]:
        """Names of the columns of an outcome's history."""
        names = ("loss", *self.objective.metric_names)
        return (*names, *(f"val_{name}" for name in names), "learning_rate")

    @property
    def n_probe_values(self) -> int:
        """Number of values that the probes record per epoch."""
        return sum(layer.n_values for layer in self.probes)

    @property
    def n_columns(self) -> int:
        """Number of values that a program records per epoch, the history's first."""
        return len(self.history_columns) + self.n_probe_values


@dataclass(frozen=True)
class Rates:
    """The optimizer's numbers, which may differ between jobs of one program.

    Parameters
    ----------
    learning_rate : float
        Base learning rate, before the schedule.
    clip_norm : float, default=inf
        Largest global norm of the gradients.
    clip_value : float, default=inf
        Largest absolute gradient.
    weight_decay : float, default=0.0
        Decoupled decay (Loshchilov and Hutter 2019).
    momentum : float, default=0.0
        Momentum of "sgd" and "rmsprop".
    """

    learning_rate: float
    clip_norm: float = np.inf
    clip_value: float = np.inf
    weight_decay: float = 0.0
    momentum: float = 0.0


@dataclass(frozen=True)
class StoppingRule:
    """When to stop because the validation loss no longer improves.

    Parameters
    ----------
    patience : int
        Epochs without improvement after which to stop.
    min_delta : float, default=0.0
        By how much the validation loss must fall to count as improved.
    """

    patience: int
    min_delta: float = 0.0


@dataclass(frozen=True)
class NetworkWeights:
    """The arrays of one network.

    Parameters
    ----------
    trainable : tuple of ndarray
        In the order of the Keras model's trainable weights.
    frozen : tuple of ndarray, default=()
        In the order of its non-trainable weights (batch statistics).
    """

    trainable: tuple[np.ndarray, ...]
    frozen: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class EpochReport:
    """What an observer learns after each epoch.

    Parameters
    ----------
    epoch : int
        Number of the epoch, from 1, in this run.
    is_last : bool
        Whether the run ends with this epoch, whatever the observer returns.
    values : dict of str to float
        By name of `Signature.history_columns`; nan without validation rows.
    weights : callable
        Copies the current `NetworkWeights` from the device and returns them.
    set_learning_rate : callable
        Sets the base learning rate of the following epochs.
    """

    epoch: int
    is_last: bool
    values: dict[str, float]
    weights: Callable[[], NetworkWeights]
    set_learning_rate: Callable[[float], None]


@dataclass(frozen=True)
class Job:
    """One network to train.

    Parameters
    ----------
    signature : Signature
        The static part.
    rates : Rates
        Numbers of the optimizer.
    regularization : Regularization
        Numbers of the network.
    weights : NetworkWeights
        Initial weights.
    train : Samples
        Training rows.
    epochs : int
        Largest number of epochs.
    seed : int
        Seed of row orders, dropout and noise.
    validation : Samples, default=None
        Rows whose loss is measured after each epoch.
    stopping : StoppingRule, default=None
        When to stop early; needs validation rows.
    shuffle : bool, default=True
        Whether each epoch reads the rows in a new order.
    optimizer_state : tuple of ndarray, default=None
        Optimizer state of an earlier job, to continue from; None starts anew.
    keeps_optimizer_state : bool, default=False
        Whether the outcome includes the optimizer state, for a later job to continue.
    epochs_before : int, default=0
        Epochs that earlier jobs have trained, for the learning-rate schedule.
    epochs_planned : int, default=None
        Length of the schedule in epochs; None is `epochs`.
    on_epoch : callable, default=None
        Called with an `EpochReport` after each epoch; the run stops if it returns True.
    is_over : callable, default=None
        Called between two calls of the program; the run stops if it returns True.
    tolerates_delay : bool, default=False
        Whether short epochs may be reported to `on_epoch` some at a time.
    """

    signature: Signature
    rates: Rates
    regularization: Regularization
    weights: NetworkWeights
    train: Samples
    epochs: int
    seed: int
    validation: Samples | None = None
    stopping: StoppingRule | None = None
    shuffle: bool = True
    optimizer_state: tuple[np.ndarray, ...] | None = None
    keeps_optimizer_state: bool = False
    epochs_before: int = 0
    epochs_planned: int | None = None
    on_epoch: Callable[[EpochReport], bool | None] | None = None
    is_over: Callable[[], bool] | None = None
    tolerates_delay: bool = False

    @property
    def takes_turns(self) -> bool:
        """Whether members of a bank take turns, so that none gets far ahead."""
        return self.is_over is not None

    def __post_init__(self) -> None:
        """Check that the parts agree."""
        if self.signature.keeps_best != (self.stopping is not None):
            raise ValueError(
                "A job must have a stopping rule if and only if its signature keeps "
                f"the best weights. Got keeps_best={self.signature.keeps_best} and "
                f"stopping={self.stopping!r}."
            )


@dataclass(frozen=True)
class Outcome:
    """How one job went.

    Parameters
    ----------
    weights : NetworkWeights
        The weights of the best epoch if the signature keeps them, else the last ones;
        after divergence, the last finite ones.
    history : ndarray of shape (n_epochs, n_columns)
        One row per epoch begun, with the columns of `Signature.history_columns`.
    status : Status
        How the run ended.
    best_epoch : int
        Number, from 1, of the last epoch whose validation loss (training loss without
        validation rows) was lower than all before; 0 if none was finite.
    keeps_best : bool
        Whether the weights are those of the best epoch.
    optimizer_state : tuple of ndarray, default=None
        State after the last epoch, if the job asked for it.
    seconds : float, default=0.0
        Wall time, including tracing and compiling, divided equally among the members
        that trained side by side.
    probes : ndarray of shape (n_epochs, n_probe_values), default=None
        What `Signature.probes` recorded; None without probes.
    """

    weights: NetworkWeights
    history: np.ndarray
    status: Status
    best_epoch: int
    keeps_best: bool
    optimizer_state: tuple[np.ndarray, ...] | None = field(default=None, repr=False)
    seconds: float = 0.0
    probes: np.ndarray | None = field(default=None, repr=False)
