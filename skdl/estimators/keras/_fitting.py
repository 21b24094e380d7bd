"""One fit of a Keras model: by the engine where it can, else by `keras.Model.fit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from skdl._compat.keras import LossFunctionWrapper, losses_to_train
from skdl.data import row_capacity, tables_of
from skdl.estimators.keras._blueprint import keras_model, weights_of
from skdl.estimators.keras._callbacks import StandIn, Watch, history_row, is_epochwise
from skdl.estimators.keras._encoding import Rows, samples
from skdl.networks import Regularization
from skdl.networks.keras import KerasObjective, NotExpressibleError, building
from skdl.training import (
    EpochReport,
    Job,
    NetworkWeights,
    Rates,
    Signature,
    Status,
    train,
)

# Arguments of keras.Model.fit that the engine understands.
_UNDERSTOOD = {
    "batch_size",
    "epochs",
    "initial_epoch",
    "shuffle",
    "validation_batch_size",
    "verbose",
}
DEFAULT_BATCH_SIZE = 32  # Keras's


@dataclass(frozen=True)
class Trained:
    """What came out of a fit."""

    architecture: Any  # none where the model is no functional or sequential one
    weights: Any  # none where there is no architecture
    compiled: Any  # what it was trained for; None where the engine cannot train so
    why_not: str = ""  # why the engine cannot train it; empty if it can
    logits_of: str | None = None  # class of the loss, if that takes outputs as logits
    # where a later fit by the engine goes on
    optimizer_state: tuple[np.ndarray, ...] | None = None
    live: keras.Model | None = None  # the trained model, where Keras trained it
    # one per epoch, by Keras's names
    logs: list[dict[str, float]] = field(default_factory=list)
    status: Status = Status.FINISHED

    def with_weights(self, weights: NetworkWeights) -> Trained:
        """Return the same with other weights."""
        return replace(self, weights=weights)

    def without_optimizer(self) -> Trained:
        """Return the same with no more than predictions need."""
        live = None if self.architecture is not None else self.live
        return replace(self, live=live, optimizer_state=None)

    def without_logs(self) -> Trained:
        """Return the same without the history, which the estimator keeps."""
        return replace(self, logs=[])

    def keras_model(self, compile_arguments: Callable[[], Mapping]) -> keras.Model:
        """Return the model, compiled."""
        model = self.live
        if model is None:
            model = keras_model(self.architecture, self.weights)
        if model.compiled:
            return model
        arguments = self.compiled.arguments() if self.compiled else compile_arguments()
        model.compile(**arguments)
        return model


@dataclass(frozen=True)
class Run:
    """Everything that one fit is about."""

    start: Trained  # where to begin: initial weights, or an earlier fit's
    rows: Rows  # rows to learn from, and to measure on after each epoch (or None)
    validation: Rows | None
    # of `keras.Model.fit`, without the rows and the callbacks
    arguments: dict[str, Any]
    callbacks: list[Any]
    random_state: int | None
    run_seed: int  # source of row orders and dropout in the engine
    # returns what the parameters ask of `compile`
    compile_arguments: Callable[[], dict[str, Any]]
    more: Callable[[Callable], Callable[[EpochReport], bool] | None]

    def train(self) -> Trained:
        """Train the model."""
        try:
            job = self._job()
        except NotExpressibleError:
            return self._train_by_keras()
        return self._train_by_engine(job)

    def _job(self) -> Job:
        """The engine's job, or why there is none."""
        start, given = self.start, self.arguments
        architecture, compiled = start.architecture, start.compiled
        if start.why_not or architecture is None or compiled is None:
            raise NotExpressibleError(start.why_not)
        if unknown := set(given) - _UNDERSTOOD:
            raise NotExpressibleError(f"fit is given {sorted(unknown)}")
        if not isinstance(given.get("shuffle", True), bool | np.bool_):
            raise NotExpressibleError("rows are shuffled in a way of Keras's")
        others = [c for c in self.callbacks if not is_epochwise(c)]
        if others:
            raise NotExpressibleError(
                f"callback {type(others[0]).__name__} needs a model"
            )
        train, validation = samples(self.rows, architecture), None
        if self.validation is not None:
            validation = samples(self.validation, architecture)
        targets = tables_of(train.targets)
        objective = KerasObjective.of(compiled.losses, architecture, targets)
        batch_size = given.get("batch_size") or DEFAULT_BATCH_SIZE
        val_batch_size = given.get("validation_batch_size") or batch_size
        if objective.is_batchwise and val_batch_size != batch_size:
            raise NotExpressibleError("losses depend on the validation batches")
        epochs, first = given.get("epochs", 1), given.get("initial_epoch", 0)
        if epochs <= first:
            raise NotExpressibleError("there is no epoch to train")
        return Job(
            signature=Signature(
                architecture=architecture,
                loss=objective,
                optimizer=compiled.optimizer,
                schedule="constant",
                batch_size=min(int(batch_size), row_capacity(train.n_samples)),
                is_sparse=train.is_sparse,
                keeps_best=False,
            ),
            rates=Rates(learning_rate=compiled.learning_rate),
            regularization=Regularization(),
            weights=start.weights,
            train=train,
            validation=validation,
            epochs=epochs - first,
            seed=self.run_seed,
            shuffle=bool(given.get("shuffle", True)),
            optimizer_state=start.optimizer_state,
            keeps_optimizer_state=True,
        )

    def _train_by_engine(self, job: Job) -> Trained:
        start, given = self.start, self.arguments
        stand_in = StandIn(
            lambda: replace(start, live=None).keras_model(self.compile_arguments),
            lambda: job.signature.objective.bind(start.architecture.build()).parts,
            job.weights,
            job.rates.learning_rate,
        )

        def trained(weights: NetworkWeights) -> Trained:
            return replace(start, weights=weights, live=None, optimizer_state=None)

        watch = Watch(
            self.callbacks,
            stand_in,
            first_epoch=given.get("initial_epoch", 0),
            epochs=given.get("epochs", 1),
            n_steps=-(-job.train.n_samples // job.signature.batch_size),
            verbose=given.get("verbose", "auto"),
            has_validation=job.validation is not None,
            more=self.more(trained),
        )
        if watch.is_needed:
            rate = watch.begin()
            if rate is not None:
                job = replace(job, rates=replace(job.rates, learning_rate=rate))
            job = replace(job, on_epoch=watch)
        (outcome,) = train([job])
        weights, logs = outcome.weights, watch.logs
        compiled = start.compiled
        if watch.is_needed:
            weights = watch.end(weights)
            if watch.rate is not None:  # where a later fit goes on
                compiled = replace(compiled, learning_rate=watch.rate)
        else:
            columns = job.signature.history_columns
            logs = [
                history_row(
                    dict(zip(columns, row.tolist(), strict=True)),
                    job.validation is not None,
                )
                for row in outcome.history
            ]
        return replace(
            trained(weights),
            logs=logs,
            status=outcome.status,
            optimizer_state=outcome.optimizer_state,
            compiled=compiled,
        )

    def _train_by_keras(self) -> Trained:
        rows, arguments, callbacks = self.rows, dict(self.arguments), self.callbacks
        seed = self.random_state
        with nullcontext() if seed is None else building(seed):
            model = self.start.keras_model(self.compile_arguments)
            if rows.weights is not None:
                count_weights(model)
            if self.validation is not None:
                arguments["validation_data"] = self.validation.as_keras_takes_them()
            observe = self.more(lambda weights: replace(self.start, weights=weights))
            if observe is not None:
                callbacks = [*callbacks, _Observed(observe, arguments.get("epochs", 1))]
            x, y, *weighted = rows.as_keras_takes_them()
            history = model.fit(
                x,
                y,
                sample_weight=weighted[0] if weighted else None,
                callbacks=callbacks,
                **arguments,
            ).history
        n_epochs = max(map(len, history.values()), default=0)
        logs = [
            {name: values[i] for name, values in history.items() if i < len(values)}
            for i in range(n_epochs)
        ]
        is_finite = all(np.isfinite(v).all() for v in model.get_weights())
        status = Status.FINISHED if is_finite else Status.DIVERGED
        if is_finite and n_epochs < arguments.get("epochs", 1) - arguments.get(
            "initial_epoch", 0
        ):
            status = Status.STOPPED_BY_CALLBACK
        weights = weights_of(model) if self.start.architecture is not None else None
        return replace(
            self.start,
            weights=weights,
            live=model,
            logs=logs,
            status=status,
            optimizer_state=None,
        )


class _Observed(keras.callbacks.Callback):
    """Tells an observer of the engine's epochs about those of `keras.Model.fit`."""

    def __init__(self, observe: Callable[[EpochReport], bool], epochs: int) -> None:
        super().__init__()
        self._observe, self._epochs = observe, epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Pass the epoch on."""
        report = EpochReport(
            epoch + 1,
            epoch + 1 == self._epochs,
            dict(logs or {}),
            lambda: weights_of(self.model),
            lambda rate: None,
        )
        if self._observe(report):
            self.model.stop_training = True


def count_weights(model: keras.Model) -> None:
    """Let Keras divide weighted losses by the sum of the weights."""
    for loss in losses_to_train(model, _resolved):
        if getattr(loss, "reduction", None) in ("sum_over_batch_size", "mean"):
            loss.reduction = "mean_with_sample_weight"


def _resolved(loss: Any) -> Any:
    """A loss as an object, but for names that Keras reads with the outputs at hand."""
    if loss is None or str(loss).lower() in ("crossentropy", "ce"):
        return loss
    found = keras.losses.get(loss)
    if isinstance(found, keras.losses.Loss):
        return found
    name = loss if isinstance(loss, str) else getattr(found, "__name__", "loss")
    return LossFunctionWrapper(found, name=name)
