"""What all estimators share: check -> plan -> train -> set fitted attributes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted

from skdl._compat.sklearn import fit_context
from skdl._models import NetworkKind
from skdl.data import Targets
from skdl.estimators._fit_data import (
    FitData,
    check_fit_data,
    with_held_out_data,
    with_validation_data,
)
from skdl.estimators._fitted_network import FittedNetwork
from skdl.estimators._inputs import InputKind
from skdl.estimators._observers import FitArguments, epoch_observer
from skdl.estimators._parameters import check_parameters
from skdl.estimators._planning import FitPlan, Seeds, plan_job, plan_optimizer
from skdl.estimators._targets import TargetKind
from skdl.estimators._trained_network import TrainedNetwork
from skdl.exceptions import DivergenceWarning
from skdl.networks import HEADS
from skdl.training import NetworkWeights, Outcome, Status, train


@contextmanager
def _columns_restored_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Restore the columns of an earlier fit if a later one fails."""
    names = ("n_features_in_", "feature_names_in_")
    before = {name: vars(estimator)[name] for name in names if name in vars(estimator)}
    try:
        yield
    except BaseException:
        for name in names:
            vars(estimator).pop(name, None)
        vars(estimator).update(before)
        raise


class BaseNetwork(CallbackSupportMixin, BaseEstimator):
    """A network; subclasses say how to read X and y."""

    _network_kind: ClassVar[NetworkKind] = NetworkKind.PERCEPTRON
    _input_kind: ClassVar[InputKind]
    _target_kind: ClassVar[TargetKind]

    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        groups: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or images
            Training rows: a table, or images for the convolutional estimators. The
            network trains in float32 if X is float32, bool or an integer of 8 or 16
            bits, and in float64 otherwise. A sparse matrix is only made dense one batch
            at a time.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the training rows, 0 or more. A weight of 2 is the same as
            passing the row twice. If None, all rows have weight 1.
        X_val : as X, of n_samples_val rows, default=None
            Validation rows. If None, early stopping holds out some of the training
            rows.
        y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), \
                default=None
            Targets of `X_val`.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Weights of the validation rows.
        groups : array-like of shape (n_samples,), default=None
            Group of each training row. Early stopping never splits a group: it holds
            out all of its rows or none.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter is out of range, or if X, y or the weights are invalid.
        TypeError
            If a parameter has the wrong type.

        Warns
        -----
        DivergenceWarning
            If training diverged, that is, if the loss or a weight became infinite or
            NaN. The estimator keeps the weights of the previous epoch.
        """
        check_parameters(self)
        continues = self.warm_start and hasattr(self, "_network")
        plan = FitPlan(
            epochs=int(self.epochs),
            stops_early=bool(self.early_stopping),
            seeds=Seeds.draw(self.random_state),
            # A warm start keeps the weights; the optimizer starts afresh.
            earlier=replace(self._network, optimizer_state=None) if continues else None,
        )
        with _columns_restored_on_error(self):
            data = check_fit_data(
                self, X, y, sample_weight, groups, is_first=not continues
            )
            if any(part is not None for part in (X_val, y_val, sample_weight_val)):
                data = with_validation_data(self, data, X_val, y_val, sample_weight_val)
            elif plan.stops_early:
                data = with_held_out_data(
                    data,
                    fraction=float(self.validation_fraction),
                    seed=plan.seeds.split,
                )
        arguments = FitArguments(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(data, plan, arguments)
        return self._set_fitted(outcome, network, data.targets)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> Self:
        """Train for one more epoch, continuing with the optimizer's state."""
        check_parameters(self)
        is_first = not hasattr(self, "_network")
        seeds = Seeds.draw(self.random_state)
        plan = FitPlan(
            epochs=1,
            stops_early=False,
            seeds=seeds if is_first else seeds.later(self.n_iter_),
            earlier=None if is_first else self._network,
            epochs_before=0 if is_first else self.n_iter_,
            keeps_optimizer_state=True,
        )
        history = None if is_first else self.history_
        with _columns_restored_on_error(self):
            data = check_fit_data(
                self,
                X,
                y,
                sample_weight,
                is_first=is_first,
                is_partial=True,
                classes=classes,
            )
        arguments = FitArguments(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(data, plan, arguments)
        _, optimizer = plan_optimizer(self)
        network = replace(
            network, optimizer=optimizer, optimizer_state=outcome.optimizer_state
        )
        return self._set_fitted(outcome, network, data.targets, history)

    def _train(
        self, data: FitData, plan: FitPlan, arguments: FitArguments
    ) -> tuple[Outcome, TrainedNetwork]:
        """Plan the job and train it, notifying callbacks after each epoch."""
        architecture = data.architecture
        loss = self._target_kind.loss(self, data.targets)
        context = fit_context(self, max_subtasks=plan.epochs)
        context.call_on_fit_task_begin(estimator=self, **vars(arguments))

        def network_of(weights: NetworkWeights) -> TrainedNetwork:
            return TrainedNetwork(architecture, loss, job.regularization, weights)

        def attributes(weights: NetworkWeights) -> dict[str, Any]:
            return self._fitted_attributes(network_of(weights), data.targets)

        job = plan_job(
            self,
            architecture,
            loss=loss,
            train=data.train,
            validation=data.validation,
            plan=plan,
            on_epoch=epoch_observer(
                self,
                context,
                arguments,
                fitted_attributes=attributes,
                metric=self._target_kind.metric,
            ),
        )
        (outcome,) = train([job])
        context.call_on_fit_task_end(
            estimator=self,
            **vars(arguments),
            reconstruction_attributes=lambda: attributes(outcome.weights),
        )
        return outcome, network_of(outcome.weights)

    def _fitted_attributes(
        self, network: TrainedNetwork, targets: Targets
    ) -> dict[str, Any]:
        """Return the attributes that predictions need."""
        return {
            "_network": network,
            "_targets": targets,
            "n_outputs_": targets.n_outputs,
            **self._input_kind.attributes(network.architecture),
            **self._target_kind.attributes(targets),
        }

    def _set_fitted(
        self,
        outcome: Outcome,
        network: TrainedNetwork,
        targets: Targets,
        earlier_history: pd.DataFrame | None = None,
    ) -> Self:
        """Set the fitted attributes."""
        for name, value in self._fitted_attributes(network, targets).items():
            setattr(self, name, value)
        n_earlier = 0 if earlier_history is None else len(earlier_history)
        history = self._history(outcome, targets, n_earlier)
        self.history_ = pd.concat(
            [frame for frame in (earlier_history, history) if frame is not None],
            ignore_index=True,
        )
        self.n_iter_ = len(self.history_)
        self.status_ = outcome.status.value
        losses = self.history_["loss"].to_numpy()
        self.best_epoch_ = outcome.best_epoch
        if n_earlier:
            self.best_epoch_ = 1 + int(np.argmin(np.nan_to_num(losses, nan=np.inf)))
        kept = self.n_iter_ - (outcome.status is Status.DIVERGED)
        if outcome.keeps_best:
            kept = outcome.best_epoch
        self.loss_ = float(losses[kept - 1]) if kept else float("nan")
        if outcome.status is Status.DIVERGED:
            warnings.warn(
                f"Training of {type(self).__name__} diverged in epoch {self.n_iter_}: "
                "the loss or a weight grew beyond all bounds. The estimator keeps the "
                "weights of the previous epoch. Lower 'learning_rate' (now "
                f"{self.learning_rate:g}), scale the features, or set 'clip_norm'.",
                DivergenceWarning,
                stacklevel=4,
            )
        return self

    def _history(
        self, outcome: Outcome, targets: Targets, n_earlier: int
    ) -> pd.DataFrame:
        """Return one row per epoch, with validation columns if there are any values."""
        loss, metric, val_loss, val_metric, learning_rate = outcome.history.T
        kind = self._target_kind
        columns = {
            "epoch": np.arange(1, len(loss) + 1) + n_earlier,
            "loss": loss,
            kind.metric: kind.metric_values(metric, targets),
        }
        if not np.isnan(val_loss).all():
            columns["val_loss"] = val_loss
            columns[f"val_{kind.metric}"] = kind.metric_values(val_metric, targets)
        columns["learning_rate"] = learning_rate
        return pd.DataFrame(columns)

    def _outputs(self, X: Any) -> np.ndarray:
        """Check X and return the network's raw outputs."""
        # -> (n_samples, n_outputs)
        return self._network_if_fitted.outputs(self._features(X))

    def _features(self, X: Any) -> Any:
        """Check X and return what the network reads."""
        known = self._network_if_fitted.architecture
        return self._input_kind.check(self, X, known, trains=False)

    @property
    def _network_if_fitted(self) -> TrainedNetwork:
        if not hasattr(self, "_network"):  # check_is_fitted takes 0.1 ms
            check_is_fitted(self)
        return self._network

    def _fitted_network(self) -> FittedNetwork:
        """Return a view of the network, for the floors above."""
        network = self._network_if_fitted
        scale, offset = self._target_kind.scale(self._targets)
        return FittedNetwork(
            network.architecture,
            network.weights,
            HEADS[network.loss].activation,
            self._features,
            scale=scale,
            offset=offset,
        )

    @property
    def model_(self) -> Any:
        """The fitted network as a new `keras.Model` on each access.

        Its outputs are probabilities, or quantities in units of y. All its layers are
        Keras's own, so that it can be saved and loaded without skdl.
        """
        check_is_fitted(self, "_network")
        return self._network.keras_model(*self._target_kind.scale(self._targets))

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether the estimator has a trained network."""
        return hasattr(self, "_network")

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with the inputs that are accepted."""
        tags = super().__sklearn_tags__()
        self._input_kind.set_tags(tags.input_tags)
        return tags
