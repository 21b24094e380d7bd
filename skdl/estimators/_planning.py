"""An estimator's parameters and its samples become a job for the engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skdl.data import Samples, as_random_state, row_capacity
from skdl.estimators._parameters import augmentation_of
from skdl.estimators._trained_network import Network, TrainedNetwork
from skdl.exceptions import ParameterError
from skdl.networks import MLPArchitecture, Regularization
from skdl.training import (
    Job,
    NetworkWeights,
    OptimizerSpec,
    Rates,
    Signature,
    StoppingRule,
)


@dataclass(frozen=True)
class Seeds:
    """The chance of one fit, so that no part's draws shift another's."""

    # for the initial weights, the validation split, and batches and dropout
    weights: int
    split: int
    run: int

    @classmethod
    def draw(cls, random_state: int | np.random.RandomState | None) -> Seeds:
        """Draw seeds."""
        random = as_random_state(random_state)
        return cls(*random.randint(0, 2**32, size=3, dtype=np.uint32).tolist())

    def later(self, n_epochs: int) -> Seeds:
        """Return seeds for going on after some epochs, so that orders do not repeat."""
        return replace(self, run=(self.run + n_epochs) % 2**32)


@dataclass(frozen=True)
class FitPlan:
    """Where a fit begins and how far it may go."""

    epochs: int
    stops_early: bool  # whether to stop early and keep the best weights
    seeds: Seeds  # the chance of this fit
    earlier: TrainedNetwork | None = None  # A network to go on from
    epochs_before: int = 0  # epochs that the earlier network has been trained for
    # whether a later fit will go on from this one's optimizer
    keeps_optimizer_state: bool = False


def plan_perceptron(
    estimator: Any,
    *,
    n_features: int,
    n_outputs: int,
    dtype: str,
    is_whole: bool = True,
) -> MLPArchitecture:
    """Describe the dense layers that an estimator's parameters ask for."""
    batch_norm = estimator.batch_norm
    if not isinstance(batch_norm, str):
        batch_norm = "before" if batch_norm else None
    sizes = tuple(int(size) for size in estimator.hidden_layer_sizes)
    # What has no effect is the same for all, so that it makes no new program.
    is_linear = is_whole and not sizes
    batch_norm = None if is_linear else batch_norm
    return MLPArchitecture(
        n_features=n_features,
        hidden_layer_sizes=sizes,
        n_outputs=n_outputs,
        activation="linear" if is_linear else estimator.activation,
        batch_norm=batch_norm,
        residual=bool(getattr(estimator, "residual", False)) and not is_linear,
        has_dropout=estimator.dropout > 0 and not is_linear,
        has_input_noise=is_whole and estimator.input_noise > 0,
        has_penalty=estimator.l1 > 0 or estimator.l2 > 0,
        dtype=dtype,
    )


def plan_weights(
    architecture: Network,
    seed: int,
    earlier: TrainedNetwork | None,
    *,
    kernel_initializer: str,
) -> NetworkWeights:
    """Draw initial weights, or take an earlier network's."""
    random = np.random.default_rng(seed)
    fresh = NetworkWeights(*architecture.initial_weights(random, kernel_initializer))
    if earlier is None:
        return fresh
    was, now = (
        [array.shape for array in (*weights.trainable, *weights.frozen)]
        for weights in (earlier.weights, fresh)
    )
    if was != now:
        raise ParameterError(
            "Going on from an earlier fit needs the same network. Expected weights of "
            f"shapes {was}, got {now}. Undo the change of 'hidden_layer_sizes', "
            "'batch_norm' or whatever shapes it, or set warm_start=False to start "
            "afresh."
        )
    return earlier.weights


def plan_job(
    estimator: Any,
    architecture: Network,
    *,
    loss: str,
    train: Samples,
    validation: Samples | None,
    course: FitPlan,
    on_epoch: Callable | None,
) -> Job:
    """Put everything into the engine's terms."""
    rates, optimizer = plan_optimizer(estimator)
    return Job(
        signature=Signature(
            architecture=architecture,
            loss=loss,
            optimizer=optimizer,
            schedule=estimator.learning_rate_schedule,
            batch_size=_batch_size(estimator.batch_size, train.n_samples),
            is_sparse=train.is_sparse,
            keeps_best=course.stops_early,
        ),
        rates=rates,
        regularization=plan_regularization(estimator),
        weights=plan_weights(
            architecture,
            course.seeds.weights,
            course.earlier,
            kernel_initializer=estimator.kernel_initializer,
        ),
        train=train,
        validation=validation,
        epochs=course.epochs,
        seed=course.seeds.run,
        stopping=(
            StoppingRule(int(estimator.patience), float(estimator.min_delta))
            if course.stops_early
            else None
        ),
        shuffle=bool(estimator.shuffle),
        optimizer_state=_optimizer_state(course.earlier, optimizer),
        keeps_optimizer_state=course.keeps_optimizer_state,
        epochs_before=course.epochs_before,
        epochs_planned=int(estimator.epochs),
        on_epoch=on_epoch,
    )


def plan_regularization(estimator: Any) -> Regularization:
    """Read the numbers of the network off an estimator's parameters."""
    numbers = {
        name: float(getattr(estimator, name, 0.0)) for name in Regularization.names()
    }
    augmentation = augmentation_of(getattr(estimator, "augment", False))
    noise = augmentation.pop("noise")
    numbers |= augmentation
    # The sum of two independent normal numbers is normal.
    numbers["input_noise"] = math.hypot(numbers["input_noise"], noise)
    return Regularization(**numbers)


def plan_optimizer(estimator: Any) -> tuple[Rates, OptimizerSpec]:
    """Read the optimizer and its numbers off an estimator's parameters."""
    name = estimator.optimizer
    decay = estimator.weight_decay
    if decay is None:
        decay = 0.004 if name == "adamw" else 0.0  # Keras's default for AdamW
    momentum = float(estimator.momentum) if name in ("sgd", "rmsprop") else 0.0
    optimizer = OptimizerSpec(
        name=name,
        has_momentum=momentum > 0,
        nesterov=bool(estimator.nesterov) and name == "sgd",
        clips_norm=estimator.clip_norm is not None,
        clips_value=estimator.clip_value is not None,
        decays_weights=decay > 0,
    )
    rates = Rates(
        learning_rate=float(estimator.learning_rate),
        clip_norm=float(estimator.clip_norm or np.inf),
        clip_value=float(estimator.clip_value or np.inf),
        weight_decay=float(decay),
        momentum=momentum,
    )
    return rates, optimizer


def _optimizer_state(
    earlier: TrainedNetwork | None, optimizer: OptimizerSpec
) -> tuple[np.ndarray, ...] | None:
    """Where the optimizer was; None if there was none, or another one."""
    if earlier is None or earlier.optimizer != optimizer:
        return None
    return earlier.optimizer_state


def _batch_size(batch_size: int | str, n_samples: int) -> int:
    """Rows per step; not more than the rows there are, padded."""
    capacity = row_capacity(n_samples)
    return capacity if batch_size == "full" else min(int(batch_size), capacity)
