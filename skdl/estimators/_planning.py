"""How an estimator's parameters and samples become a job for the engine."""

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
    """Seeds of one fit, one per use, so that no use shifts the numbers of another."""

    weights: int  # initial weights
    split: int  # validation split
    run: int  # row order, dropout, noise and augmentation

    @classmethod
    def draw(cls, random_state: int | np.random.RandomState | None) -> Seeds:
        """Draw the seeds of a fit."""
        random = as_random_state(random_state)
        return cls(*random.randint(0, 2**32, size=3, dtype=np.uint32).tolist())

    def later(self, n_epochs: int) -> Seeds:
        """Return other seeds after some epochs, so that no row order repeats."""
        return replace(self, run=(self.run + n_epochs) % 2**32)


@dataclass(frozen=True)
class FitPlan:
    """Where a fit starts and how long it lasts."""

    epochs: int
    stops_early: bool  # whether to stop early and keep the best weights
    seeds: Seeds
    earlier: TrainedNetwork | None = None  # a network to continue from
    epochs_before: int = 0  # epochs that the earlier network was trained for
    keeps_optimizer_state: bool = False  # whether a later fit continues with it


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
    # Parameters without effect get one value, so that they need no new program.
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
    """Draw initial weights, or take those of the earlier network."""
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
            "To continue from an earlier fit, the network must stay the same. Expected "
            f"weights of shapes {was}, got {now}. Restore 'hidden_layer_sizes', "
            "'batch_norm' and the other parameters that shape the network, or set "
            "warm_start=False to start afresh."
        )
    return earlier.weights


def plan_job(
    estimator: Any,
    architecture: Network,
    *,
    loss: str,
    train: Samples,
    validation: Samples | None,
    plan: FitPlan,
    on_epoch: Callable | None,
) -> Job:
    """Describe a fit as a job for the engine."""
    rates, optimizer = plan_optimizer(estimator)
    return Job(
        signature=Signature(
            architecture=architecture,
            loss=loss,
            optimizer=optimizer,
            schedule=estimator.learning_rate_schedule,
            batch_size=_batch_size(estimator.batch_size, train.n_samples),
            is_sparse=train.is_sparse,
            keeps_best=plan.stops_early,
        ),
        rates=rates,
        regularization=plan_regularization(estimator),
        weights=plan_weights(
            architecture,
            plan.seeds.weights,
            plan.earlier,
            kernel_initializer=estimator.kernel_initializer,
        ),
        train=train,
        validation=validation,
        epochs=plan.epochs,
        seed=plan.seeds.run,
        stopping=(
            StoppingRule(int(estimator.patience), float(estimator.min_delta))
            if plan.stops_early
            else None
        ),
        shuffle=bool(estimator.shuffle),
        optimizer_state=_optimizer_state(plan.earlier, optimizer),
        keeps_optimizer_state=plan.keeps_optimizer_state,
        epochs_before=plan.epochs_before,
        epochs_planned=int(estimator.epochs),
        on_epoch=on_epoch,
    )


def plan_regularization(estimator: Any) -> Regularization:
    """Return the strengths of regularization, noise and augmentation."""
    numbers = {
        name: float(getattr(estimator, name, 0.0)) for name in Regularization.names()
    }
    augmentation = augmentation_of(getattr(estimator, "augment", False))
    noise = augmentation.pop("noise")
    numbers |= augmentation
    # The sum of two independent normal variables is normal.
    numbers["input_noise"] = math.hypot(numbers["input_noise"], noise)
    return Regularization(**numbers)


def plan_optimizer(estimator: Any) -> tuple[Rates, OptimizerSpec]:
    """Return the optimizer and its settings."""
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
    """Return the earlier state if it belongs to the same optimizer."""
    if earlier is None or earlier.optimizer != optimizer:
        return None
    return earlier.optimizer_state


def _batch_size(batch_size: int | str, n_samples: int) -> int:
    """Return the rows per step, at most the padded number of rows."""
    capacity = row_capacity(n_samples)
    return capacity if batch_size == "full" else min(int(batch_size), capacity)
