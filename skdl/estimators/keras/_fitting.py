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
from skdl.estimators.keras._callbacks import (
    EpochNotifier,
    StandIn,
    history_row,
    is_epochwise,
)
from skdl.estimators.keras._encoding import EncodedData, as_samples
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

# Arguments of keras.Model.fit that the engine supports.
_SUPPORTED = {
    "batch_size",
    "epochs",
    "initial_epoch",
    "shuffle",
    "validation_batch_size",
    "verbose",
}
DEFAULT_BATCH_SIZE = 32  # Keras's


@dataclass(frozen=True)
class ModelState:
    """A model before or after training, and how its training went."""

    architecture: Any  # None if the model is neither functional nor sequential
    weights: Any  # None if there is no architecture
    compiled: Any  # losses and optimizer; None if the engine cannot train with them
    why_not: str = ""  # why the engine cannot train it; empty if it can
    logits_of: str | None = None  # class of the loss if it reads outputs as logits
    # where a later fit by the engine continues
    optimizer_state: tuple[np.ndarray, ...] | None = None
    live: keras.Model | None = None  # the model itself, if Keras trained it
    # one per epoch, by Keras's names
    logs: list[dict[str, float]] = field(default_factory=list)
    status: Status = Status.FINISHED

    @property
    def activation(self) -> str:
        """Name of the function that turns outputs into predictions."""
        if self.logits_of is None:
            return "linear"
        return "sigmoid" if self.logits_of.startswith("Binary") else "softmax"

    def why_no_gradients(self) -> str:
        """Return why outputs cannot be differentiated by X; empty if they can."""
        architecture = self.architecture
        if self.weights is None:
            return "its model is neither sequential nor functional"
        if len(architecture.inputs) != 1 or len(architecture.output_names) != 1:
            return "its model has several inputs or outputs"
        if not architecture.inputs[0][2].startswith("float"):
            return "its model reads whole numbers, which have no derivative"
        return ""

    def with_weights(self, weights: NetworkWeights) -> ModelState:
        """Return the same with other weights."""
        return replace(self, weights=weights)

    def without_optimizer(self) -> ModelState:
        """Return only what predictions need."""
        live = None if self.architecture is not None else self.live
        return replace(self, live=live, optimizer_state=None)

    def without_logs(self) -> ModelState:
        """Return the same without the logs, which the estimator keeps in `history_`."""
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
class ModelFit:
    """Everything that one fit needs."""

    start: ModelState  # initial weights, or those of an earlier fit
    train: EncodedData
    validation: EncodedData | None
    # of `keras.Model.fit`, without the data and the callbacks
    arguments: dict[str, Any]
    callbacks: list[Any]
    random_state: int | None
    run_seed: int  # for row order and dropout in the engine
    # returns the arguments of `keras.Model.compile` from the parameters
    compile_arguments: Callable[[], dict[str, Any]]
    # from a function, which makes a state of weights, to an observer of epochs
    make_observer: Callable[[Callable], Callable[[EpochReport], bool] | None]

    def run(self) -> ModelState:
        """Train the model, by the engine if it can."""
        try:
            job = self._job()
        except NotExpressibleError:
            return self._train_by_keras()
        return self._train_by_engine(job)

    def _job(self) -> Job:
        """Return the engine's job, or raise `NotExpressibleError` with the reason."""
        start, arguments = self.start, self.arguments
        architecture, compiled = start.architecture, start.compiled
        if start.why_not or architecture is None or compiled is None:
            raise NotExpressibleError(start.why_not)
        if unknown := set(arguments) - _SUPPORTED:
            raise NotExpressibleError(f"fit has the arguments {sorted(unknown)}")
        if not isinstance(arguments.get("shuffle", True), bool | np.bool_):
            raise NotExpressibleError("only Keras can shuffle rows that way")
        others = [c for c in self.callbacks if not is_epochwise(c)]
        if others:
            raise NotExpressibleError(
                f"callback {type(others[0]).__name__} needs a model"
            )
        train, validation = as_samples(self.train, architecture), None
        if self.validation is not None:
            validation = as_samples(self.validation, architecture)
        targets = tables_of(train.targets)
        objective = KerasObjective.of(compiled.losses, architecture, targets)
        batch_size = arguments.get("batch_size") or DEFAULT_BATCH_SIZE
        val_batch_size = arguments.get("validation_batch_size") or batch_size
        if objective.is_batchwise and val_batch_size != batch_size:
            raise NotExpressibleError("its losses depend on the validation batches")
        epochs, first = arguments.get("epochs", 1), arguments.get("initial_epoch", 0)
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
            shuffle=bool(arguments.get("shuffle", True)),
            optimizer_state=start.optimizer_state,
            keeps_optimizer_state=True,
        )

    def _train_by_engine(self, job: Job) -> ModelState:
        start, arguments = self.start, self.arguments
        stand_in = StandIn(
            lambda: replace(start, live=None).keras_model(self.compile_arguments),
            lambda: job.signature.objective.bind(start.architecture.build()).parts,
            job.weights,
            job.rates.learning_rate,
        )

        def trained(weights: NetworkWeights) -> ModelState:
            return replace(start, weights=weights, live=None, optimizer_state=None)

        notifier = EpochNotifier(
            self.callbacks,
            stand_in,
            first_epoch=arguments.get("initial_epoch", 0),
            epochs=arguments.get("epochs", 1),
            n_steps=-(-job.train.n_samples // job.signature.batch_size),
            verbose=arguments.get("verbose", "auto"),
            has_validation=job.validation is not None,
            observe=self.make_observer(trained),
        )
        if notifier.is_needed:
            rate = notifier.begin()
            if rate is not None:
                job = replace(job, rates=replace(job.rates, learning_rate=rate))
            job = replace(job, on_epoch=notifier)
        (outcome,) = train([job])
        weights, logs = outcome.weights, notifier.logs
        compiled = start.compiled
        if notifier.is_needed:
            weights = notifier.end(weights)
            if notifier.rate is not None:  # where a later fit continues
                compiled = replace(compiled, learning_rate=notifier.rate)
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

    def _train_by_keras(self) -> ModelState:
        train, arguments, callbacks = self.train, dict(self.arguments), self.callbacks
        seed = self.random_state
        with nullcontext() if seed is None else building(seed):
            model = self.start.keras_model(self.compile_arguments)
            if train.weights is not None:
                count_weights(model)
            if self.validation is not None:
                arguments["validation_data"] = self.validation.as_keras_arguments()
            observe = self.make_observer(self.start.with_weights)
            if observe is not None:
                callbacks = [*callbacks, _Observer(observe, arguments.get("epochs", 1))]
            x, y, *weighted = train.as_keras_arguments()
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


class _Observer(keras.callbacks.Callback):
    """Reports the epochs of `keras.Model.fit` to an observer of the engine."""

    def __init__(self, observe: Callable[[EpochReport], bool], epochs: int) -> None:
        super().__init__()
        self._observe, self._epochs = observe, epochs

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Report the epoch."""
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
    """Make Keras divide weighted losses by the sum of the weights."""
    for loss in losses_to_train(model, _resolved):
        if getattr(loss, "reduction", None) in ("sum_over_batch_size", "mean"):
            loss.reduction = "mean_with_sample_weight"


def _resolved(loss: Any) -> Any:
    """Return a loss as an object, unless Keras needs the outputs to choose it."""
    if loss is None or str(loss).lower() in ("crossentropy", "ce"):
        return loss
    found = keras.losses.get(loss)
    if isinstance(found, keras.losses.Loss):
        return found
    name = loss if isinstance(loss, str) else getattr(found, "__name__", "loss")
    return LossFunctionWrapper(found, name=name)
