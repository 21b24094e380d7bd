"""What all estimators share: check -> plan -> train -> adopt."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted

from skdl._compat.sklearn import fit_context
from skdl.data import Targets
from skdl.estimators._observers import FitArguments, epoch_observer
from skdl.estimators._parameters import check_parameters
from skdl.estimators._planning import FitPlan, Seeds, plan_job, plan_optimizer
from skdl.estimators._rows import Rows, check_rows, hold_out_rows, with_validation
from skdl.estimators._trained_network import TrainedNetwork
from skdl.exceptions import DivergenceWarning
from skdl.training import NetworkWeights, Outcome, Status, train


@contextmanager
def _columns_restored_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Keep an earlier fit usable if a later one is refused."""
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
    """A network; what X and y mean is added by those who inherit from it."""

    # (X, architecture or None if this is the first fit, *, trains) -> features
    _check_features: Callable
    # (features, n_outputs, architecture or None) -> architecture
    _plan_architecture: Callable
    _metric: str  # what the history calls the metric
    _check_targets: Callable  # (y, n_samples, *, name) -> checked y
    _read_targets: Callable  # (y, weights, classes) -> Targets
    _renew_targets: Callable  # (earlier targets, y, weights) -> Targets
    _head: Callable  # (targets) -> key of skdl.networks.HEADS
    _metric_values: Callable  # (metric as trained, targets) -> metric in units of y

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
            Training rows: a table, or images where the class takes these. float32 (and
            bool and integers of 8 or 16 bits) trains in float32, all else in float64. A
            sparse matrix is never made dense as a whole.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more; a weight of 2 counts as the row given twice.
        X_val : as X, of n_samples_val rows, default=None
            Rows to measure the validation loss on. If None, early stopping holds some
            of the training rows out.
        y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), \
                default=None
            Targets of `X_val`.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Weights of `X_val`.
        groups : array-like of shape (n_samples,), default=None
            Groups of rows of which early stopping holds out all or none.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter is out of range, or X, y or weights cannot be used.
        TypeError
            If a parameter has a wrong type.

        Warns
        -----
        DivergenceWarning
            If the loss or a weight grew beyond all bounds; the weights of the epoch
            before are kept.
        """
        check_parameters(self)
        goes_on = self.warm_start and hasattr(self, "_network")
        course = FitPlan(
            epochs=int(self.epochs),
            stops_early=bool(self.early_stopping),
            seeds=Seeds.draw(self.random_state),
            # A warm start keeps the weights; the optimizer starts afresh.
            earlier=replace(self._network, optimizer_state=None) if goes_on else None,
        )
        with _columns_restored_on_error(self):
            rows = check_rows(self, X, y, sample_weight, groups, is_first=not goes_on)
            if any(part is not None for part in (X_val, y_val, sample_weight_val)):
                rows = with_validation(self, rows, X_val, y_val, sample_weight_val)
            elif course.stops_early:
                rows = hold_out_rows(
                    rows,
                    fraction=float(self.validation_fraction),
                    seed=course.seeds.split,
                )
        passed = FitArguments(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(rows, course, passed)
        return self._adopt(outcome, network, rows.targets)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> Self:
        """One more epoch over these rows, with the optimizer where it was."""
        check_parameters(self)
        is_first = not hasattr(self, "_network")
        seeds = Seeds.draw(self.random_state)
        course = FitPlan(
            epochs=1,
            stops_early=False,
            seeds=seeds if is_first else seeds.later(self.n_iter_),
            earlier=None if is_first else self._network,
            epochs_before=0 if is_first else self.n_iter_,
            keeps_optimizer_state=True,
        )
        history = None if is_first else self.history_
        with _columns_restored_on_error(self):
            rows = check_rows(
                self,
                X,
                y,
                sample_weight,
                is_first=is_first,
                is_partial=True,
                classes=classes,
            )
        passed = FitArguments(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(rows, course, passed)
        _, optimizer = plan_optimizer(self)
        network = replace(
            network, optimizer=optimizer, optimizer_state=outcome.optimizer_state
        )
        return self._adopt(outcome, network, rows.targets, history)

    def _train(
        self, rows: Rows, course: FitPlan, passed: FitArguments
    ) -> tuple[Outcome, TrainedNetwork]:
        """Plan the job, train it while callbacks watch, and name what came out."""
        architecture, loss = rows.architecture, self._head(rows.targets)
        context = fit_context(self, max_subtasks=course.epochs)
        context.call_on_fit_task_begin(estimator=self, **vars(passed))

        def network_of(weights: NetworkWeights) -> TrainedNetwork:
            return TrainedNetwork(architecture, loss, job.regularization, weights)

        def attributes(weights: NetworkWeights) -> dict[str, Any]:
            return self._fitted_attributes(network_of(weights), rows.targets)

        job = plan_job(
            self,
            architecture,
            loss=loss,
            train=rows.train,
            validation=rows.validation,
            course=course,
            on_epoch=epoch_observer(
                self,
                context,
                passed,
                fitted_attributes=attributes,
                metric=self._metric,
            ),
        )
        (outcome,) = train([job])
        context.call_on_fit_task_end(
            estimator=self,
            **vars(passed),
            reconstruction_attributes=lambda: attributes(outcome.weights),
        )
        return outcome, network_of(outcome.weights)

    def _fitted_attributes(
        self, network: TrainedNetwork, targets: Targets
    ) -> dict[str, Any]:
        """The attributes that predictions need."""
        return {
            "_network": network,
            "_targets": targets,
            "n_outputs_": targets.n_outputs,
        }

    def _adopt(
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
                "the loss or a weight grew beyond all bounds. The weights of the epoch "
                f"before are kept. Lower 'learning_rate' (now {self.learning_rate:g}), "
                "scale the features, or set 'clip_norm'.",
                DivergenceWarning,
                stacklevel=4,
            )
        return self

    def _history(
        self, outcome: Outcome, targets: Targets, n_earlier: int
    ) -> pd.DataFrame:
        """One row per epoch; validation columns only where there was validation."""
        loss, metric, val_loss, val_metric, learning_rate = outcome.history.T
        columns = {
            "epoch": np.arange(1, len(loss) + 1) + n_earlier,
            "loss": loss,
            self._metric: self._metric_values(metric, targets),
        }
        if not np.isnan(val_loss).all():
            columns["val_loss"] = val_loss
            columns[f"val_{self._metric}"] = self._metric_values(val_metric, targets)
        columns["learning_rate"] = learning_rate
        return pd.DataFrame(columns)

    def _outputs(self, X: Any) -> np.ndarray:
        """Raw outputs of the fitted network for checked rows."""
        if not hasattr(self, "_network"):  # asking scikit-learn each time costs 0.1 ms
            check_is_fitted(self)
        known = self._network.architecture
        return self._network.outputs(self._check_features(X, known, trains=False))

    @property
    def model_(self) -> Any:
        """The fitted network as a plain `keras.Model`, built anew on each access.

        Its outputs are probabilities or quantities in units of y. It is made of
        Keras's own layers, so that it can be saved and loaded without skdl.
        """
        check_is_fitted(self, "_network")
        return self._keras_model()

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is a network to predict with."""
        return hasattr(self, "_network")
