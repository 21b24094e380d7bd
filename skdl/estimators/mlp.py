"""What the classifier and the regressor share: check -> plan -> train -> adopt."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdl.data import Samples, Targets, hold_out, row_keys
from skdl.estimators.checks import check_features, check_weights, working_dtype
from skdl.estimators.network import TrainedNetwork
from skdl.estimators.observers import Passed, epoch_observer
from skdl.estimators.parameters import check_parameters
from skdl.estimators.planning import (
    Course,
    Seeds,
    plan_architecture,
    plan_job,
    plan_optimizer,
)
from skdl.exceptions import DataError, DivergenceWarning
from skdl.training import NetworkWeights, Outcome, Status, train


@dataclass(frozen=True)
class Rows:
    """Checked rows and what their y means.

    Parameters
    ----------
    train : Samples
        Rows to learn from.
    validation : Samples or None
        Rows to measure the loss on after each epoch.
    targets : Targets
        How y is encoded.
    distinguished : ndarray of shape (n_samples, n_columns)
        What tells copies of training rows apart, beside their features.
    groups : ndarray of shape (n_samples,) or None
        Groups of the training rows.
    """

    train: Samples
    validation: Samples | None
    targets: Targets
    distinguished: np.ndarray
    groups: np.ndarray | None


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


class BaseMLP(CallbackSupportMixin, BaseEstimator):
    """A multilayer perceptron; classifier and regressor add what y means."""

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
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Training rows. float32 (and bool and integers of 8 or 16 bits) trains in
            float32, all else in float64. A sparse matrix is never made dense as a
            whole.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more; a weight of 2 counts as the row given twice.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), \
                default=None
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
        course = Course(
            epochs=int(self.epochs),
            stops_early=bool(self.early_stopping),
            seeds=Seeds.draw(self.random_state),
            # A warm start keeps the weights; the optimizer starts afresh.
            earlier=replace(self._network, optimizer_state=None) if goes_on else None,
        )
        with _columns_restored_on_error(self):
            rows = self._check(X, y, sample_weight, groups, is_first=not goes_on)
            if any(part is not None for part in (X_val, y_val, sample_weight_val)):
                rows = self._with_validation(rows, X_val, y_val, sample_weight_val)
            elif course.stops_early:
                rows = self._hold_out(rows, course.seeds.split)
        passed = Passed(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(rows, course, passed)
        return self._adopt(outcome, network, rows.targets)

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> Self:
        """One more epoch over these rows, with the optimizer where it was."""
        check_parameters(self)
        is_first = not hasattr(self, "_network")
        seeds = Seeds.draw(self.random_state)
        course = Course(
            epochs=1,
            stops_early=False,
            seeds=seeds if is_first else seeds.later(self.n_iter_),
            earlier=None if is_first else self._network,
            epochs_before=0 if is_first else self.n_iter_,
            keeps_optimizer_state=True,
        )
        history = None if is_first else self.history_
        with _columns_restored_on_error(self):
            rows = self._check(
                X, y, sample_weight, is_first=is_first, is_partial=True, classes=classes
            )
        passed = Passed(X, y, {"sample_weight": sample_weight})
        outcome, network = self._train(rows, course, passed)
        _, optimizer = plan_optimizer(self)
        network = replace(
            network, optimizer=optimizer, optimizer_state=outcome.optimizer_state
        )
        return self._adopt(outcome, network, rows.targets, history)

    def _check(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        groups: Any = None,
        *,
        is_first: bool,
        is_partial: bool = False,
        classes: Any = None,
    ) -> Rows:
        """Check and encode the training rows."""
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None. Pass one target per row of X."
            )
        dtype = working_dtype(X) if is_first else self._network.architecture.dtype
        X = check_features(self, X, dtype, reset=is_first)
        y = self._check_targets(y, X.shape[0])
        weights = check_weights(sample_weight, X)
        if is_first:
            targets = self._read_targets(y, weights, classes)
        else:
            targets = self._targets
            targets = (
                targets if is_partial else self._renew_targets(targets, y, weights)
            )
        weights = targets.weigh(y, weights)
        used = weights > 0
        encoded = targets.encode(y, X.dtype)
        keyed = self.early_stopping or self.dropout > 0 or self.input_noise > 0
        samples = Samples.of_positive_weight(X, encoded, weights, keyed=keyed)
        if groups is not None:
            check_consistent_length(used, groups)
            groups = np.asarray(groups)[used]
        return Rows(samples, None, targets, targets.distinguish(y)[used], groups)

    def _with_validation(
        self, rows: Rows, X_val: Any, y_val: Any, sample_weight_val: Any
    ) -> Rows:
        """Check and encode the validation rows that were given."""
        if X_val is None or y_val is None:
            missing = "X_val" if X_val is None else "y_val"
            raise DataError(
                "X_val and y_val must be passed together, and sample_weight_val only "
                f"with them. Got no {missing}. Pass all of them, or none."
            )
        targets, dtype = rows.targets, rows.train.features.dtype
        X_val = check_features(self, X_val, dtype, reset=False)
        if rows.train.is_sparse != sparse.issparse(X_val):  # one program reads both
            X_val = sparse.csr_array(X_val) if rows.train.is_sparse else X_val.toarray()
        y_val = self._check_targets(y_val, X_val.shape[0], name="y_val")
        weights = check_weights(sample_weight_val, X_val, name="sample_weight_val")
        weights = targets.weigh(y_val, weights)
        encoded = targets.encode(y_val, dtype)
        samples = Samples.of_positive_weight(X_val, encoded, weights, keyed=False)
        return replace(rows, validation=samples)

    def _hold_out(self, rows: Rows, seed: int) -> Rows:
        """Take the validation part from the training rows."""
        held_out = hold_out(
            rows.train.keys ^ row_keys(rows.distinguished),
            weights=rows.train.weights,
            fraction=float(self.validation_fraction),
            seed=seed,
            strata=rows.targets.strata(rows.train.targets),
            groups=rows.groups,
        )
        return replace(
            rows, train=rows.train.take(~held_out), validation=rows.train.take(held_out)
        )

    def _train(
        self, rows: Rows, course: Course, passed: Passed
    ) -> tuple[Outcome, TrainedNetwork]:
        """Plan the job, train it while callbacks watch, and name what came out."""
        architecture = plan_architecture(
            self,
            n_features=rows.train.features.shape[1],
            n_outputs=rows.targets.n_outputs,
            dtype=rows.train.features.dtype.name,
        )
        loss = self._head(rows.targets)
        context = self._init_callback_context(max_subtasks=course.epochs)
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
        X = check_features(self, X, self._network.architecture.dtype, reset=False)
        return self._network.outputs(X)

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

    def __sklearn_tags__(self) -> Any:
        """Say that sparse tables are accepted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
