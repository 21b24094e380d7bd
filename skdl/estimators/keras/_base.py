"""What `KerasClassifier` and `KerasRegressor` share: check, build, train."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import keras
import numpy as np
from scikeras.utils import metric_name
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from skdl._compat.scikeras import route_parameters
from skdl._compat.sklearn import fit_context
from skdl._models import NetworkKind
from skdl.data import mix
from skdl.estimators._checks import check_weights
from skdl.estimators._fitted_network import FittedNetwork
from skdl.estimators._observers import FitArguments, callback_observer
from skdl.estimators._targets import TargetKind
from skdl.estimators.keras._blueprint import weights_of
from skdl.estimators.keras._encoding import EncodedData, input_tables
from skdl.estimators.keras._fitting import ModelFit, ModelState
from skdl.estimators.keras._routed_parameters import RoutedParameters
from skdl.estimators.keras._scikeras import Delegate, seed_of
from skdl.estimators.keras._starting import begin
from skdl.exceptions import DataError, DivergenceWarning
from skdl.training import Status, predict_outputs


class BaseKeras(CallbackSupportMixin, RoutedParameters):
    """A Keras model as an estimator; subclasses say what y means."""

    _delegate: type[Delegate]
    _network_kind = NetworkKind.KERAS
    _target_kind: TargetKind
    scorer: Callable

    @property
    def target_encoder(self) -> Any:
        """A transformer for y. Override it for other targets."""
        return FunctionTransformer()

    @property
    def feature_encoder(self) -> Any:
        """A transformer for X. Override it for several inputs or other features."""
        return FunctionTransformer()

    def _type_of_target(self, y: np.ndarray) -> str:
        return type_of_target(y)

    @property
    def current_epoch(self) -> int:
        """Number of epochs trained so far."""
        return len(self.history_["loss"]) if hasattr(self, "history_") else 0

    @property
    def initialized_(self) -> bool:
        """Whether there is a model to predict with."""
        return "_trained" in self.__dict__

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is a model to predict with."""
        return self.initialized_

    @property
    def model_(self) -> keras.Model:
        """The trained model, compiled. Changes of its weights change predictions."""
        check_is_fitted(self)
        if "_handed_out" not in self.__dict__:
            delegate = self._delegate(self, {})
            self._handed_out = self._trained.keras_model(delegate.compile_arguments)
        return self._handed_out

    def _now(self) -> ModelState:
        """Return the trained model, with the user's later changes to `model_`."""
        model = self.__dict__.get("_handed_out")
        if model is None or self._trained.weights is None:
            return self._trained
        return self._trained.with_weights(weights_of(model))

    def initialize(self, X: Any, y: Any) -> Self:
        """Build the model without training it.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows of the shape and type to predict later.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.

        Returns
        -------
        self : estimator
            The estimator, which predicts with the initial weights.
        """
        with self._restored_on_error():
            X, y = self._check(X, y, reset=True)
            self._trained = begin(self, X, y, seed_of(self.random_state))[1]
            self.__dict__.pop("_handed_out", None)
        return self

    @with_callbacks
    def fit(self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Self:
        """Build the model and train it.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more. A weight of 2 is the same as passing the row
            twice. If None, all rows have weight 1.
        **kwargs : object
            Further arguments of `keras.Model.fit`. They take precedence over the
            parameters of the constructor.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or the weights are invalid, or if the model does not fit them.

        Warns
        -----
        DivergenceWarning
            If training diverged, that is, if the loss or a weight became infinite or
            NaN.
        """
        epochs = kwargs.pop("epochs", self._extra.get("fit__epochs", self.epochs))
        first = kwargs.pop("initial_epoch", 0)
        self._is_partial = False
        self._fit(X, y, sample_weight, self.warm_start, first, first + epochs, kwargs)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, kwargs: dict) -> Self:
        for name in ("epochs", "initial_epoch"):
            if name in kwargs:
                raise TypeError(
                    "partial_fit trains for exactly one epoch, from the current one. "
                    f"Got {name!r} as well. Leave it out, or call fit."
                )
        now = self.current_epoch
        self._is_partial = True
        self._fit(X, y, sample_weight, True, now, now + 1, kwargs)
        return self

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        continues: bool,
        first: int,
        epochs: int,
        kwargs: dict[str, Any],
    ) -> None:
        continues = continues and self.initialized_
        fit_arguments = FitArguments(X, y, {"sample_weight": sample_weight})
        context = fit_context(self, max_subtasks=epochs - first)
        context.call_on_fit_task_begin(estimator=self, **vars(fit_arguments))
        with self._restored_on_error():
            X, y = self._check(X, y, reset=not continues)
            weights = self._weigh(X, y, sample_weight)
            seed = seed_of(self.random_state)
            if continues:
                delegate, start = self._delegate(self, {}, seed), self._now()
            else:
                delegate, start = begin(self, X, y, seed)
            data = self._encode(X, y, weights)
            arguments = {**delegate.arguments_for("fit"), **kwargs}
            arguments |= {"epochs": epochs, "initial_epoch": first}
            callbacks = delegate.build_callbacks("fit")
            callbacks = [*callbacks, arguments.pop("callbacks", ())]
            data, validation = self._split(data, arguments)
            drawn = random.getrandbits(32) if seed is None else seed

            def make_observer(trained: Callable) -> Callable | None:
                return callback_observer(
                    self,
                    context,
                    fit_arguments,
                    fitted_attributes=lambda weights: {"_trained": trained(weights)},
                )

            fit = ModelFit(
                start=start,
                train=data,
                validation=validation,
                arguments=_sized(arguments, data.n_samples),
                callbacks=[c for c in keras.tree.flatten(callbacks) if c is not None],
                random_state=seed,
                run_seed=int(mix(np.array([drawn + first], np.uint64))[0] >> 32),
                compile_arguments=delegate.compile_arguments,
                make_observer=make_observer,
            )
            trained = fit.run()
            self._set_fitted(trained, starts_history=first == 0 or not continues)
        context.call_on_fit_task_end(
            estimator=self,
            **vars(fit_arguments),
            reconstruction_attributes=lambda: {"_trained": trained},
        )

    def _check(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, np.ndarray]:
        if y is None:
            raise DataError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None. Pass one target per row of X."
            )
        X = self._check_features(X, reset=reset)
        y = self._target_kind.check(y, X.shape[0])
        if hasattr(y, "toarray"):
            y = y.toarray()
        if not reset and y.ndim != self.y_ndim_:
            raise DataError(
                f"y has {y.ndim} dimensions but had {self.y_ndim_} in the first fit. "
                "Pass y in the same shape, or fit a new estimator."
            )
        return X, y

    def _check_features(self, X: Any, *, reset: bool) -> Any:
        X = validate_data(self, X, accept_sparse="csr", allow_nd=True, reset=reset)
        if not reset and X.shape[1:] != self.X_shape_[1:]:
            raise DataError(
                f"Rows of X have shape {X.shape[1:]} but had {self.X_shape_[1:]} in "
                "fit. Pass X in the same shape, or fit a new estimator."
            )
        return X

    def _weigh(self, X: Any, y: np.ndarray, sample_weight: Any) -> np.ndarray | None:
        if sample_weight is None:
            return None
        return check_weights(sample_weight, X, np.dtype(np.float64))

    def _encode(self, X: Any, y: np.ndarray, weights: np.ndarray | None) -> EncodedData:
        if weights is not None and not weights.all():
            used = weights > 0
            X, y, weights = X[used], y[used], weights[used]
        return EncodedData(
            self.feature_encoder_.transform(X),
            self.target_encoder_.transform(y),
            weights,
        )

    def _split(
        self, data: EncodedData, arguments: dict[str, Any]
    ) -> tuple[EncodedData, EncodedData | None]:
        """Return training and validation data; by default the last rows validate."""
        share = arguments.pop("validation_split", 0.0)
        given = arguments.pop("validation_data", None)
        if given is None:
            return data.split(share) if share else (data, None)
        X, y, *weights = given
        X, y = self._check(X, y, reset=False)
        return data, self._encode(X, y, weights[0] if weights else None)

    def _set_fitted(self, trained: ModelState, *, starts_history: bool) -> None:
        """Set the fitted attributes."""
        if starts_history or not hasattr(self, "history_"):
            self.history_: dict[str, list[float]] = {}
        for logs in trained.logs:
            for name, value in logs.items():
                self.history_.setdefault(_history_name(name), []).append(value)
        self._trained = trained.without_logs()
        self.status_ = trained.status.value
        self.__dict__.pop("_handed_out", None)
        if trained.status is Status.DIVERGED:
            warnings.warn(
                f"Training of {type(self).__name__} diverged: the loss or a weight "
                "grew beyond all bounds. Lower the learning rate "
                "(optimizer__learning_rate), scale the features, or clip gradients "
                "(optimizer__clipnorm).",
                DivergenceWarning,
                stacklevel=4,
            )

    def _fitted_network(self) -> FittedNetwork:
        """Return a view of the network, for the floors above."""
        check_is_fitted(self)
        now, encoder = self._now(), self.feature_encoder_
        why_not = now.why_no_gradients()
        if type(encoder) is not FunctionTransformer or encoder.func is not None:
            why_not = why_not or "its feature_encoder makes other features"
        return FittedNetwork(
            now.architecture,
            now.weights,
            now.activation,
            self._features,
            why_no_gradients=why_not,
        )

    def _features(self, X: Any) -> Any:
        """Check X and return what the model reads."""
        return self.feature_encoder_.transform(self._check_features(X, reset=False))

    def _outputs(self, X: Any, kwargs: dict[str, Any]) -> Any:
        """Compute the raw outputs of the model, as one array or one per output."""
        check_is_fitted(self)
        X = self._features(X)
        delegate = self._delegate(self, {})
        arguments = {**delegate.arguments_for("predict"), **kwargs}
        has_callbacks = self._extra.get("predict__callbacks") is not None
        now = self._now()
        if now.weights is not None and not has_callbacks and "steps" not in arguments:
            tables = input_tables(X, now.architecture)
            return predict_outputs(now.architecture, now.weights, tables)
        if has_callbacks:
            arguments["callbacks"] = delegate.build_callbacks("predict")
        X = X.toarray() if hasattr(X, "toarray") else X
        n_rows = keras.tree.flatten(X)[0].shape[0]
        return self.model_.predict(X, **_sized(arguments, n_rows))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Score the predictions with `scorer`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more.

        Returns
        -------
        float
            Score. Higher is better.
        """
        y_pred = self.predict(X)
        more = route_parameters(self.get_params(deep=False), "score", ())
        return self.scorer(y, y_pred, sample_weight=sample_weight, **more)

    @contextmanager
    def _restored_on_error(self) -> Iterator[None]:
        """Restore the attributes of an earlier fit if a later one fails."""

        def fitted() -> dict[str, Any]:
            return {
                name: value
                for name, value in self.__dict__.items()
                if name.endswith("_") or name in ("_trained", "_handed_out")
            }

        before = fitted()
        try:
            yield
        except BaseException:
            for name in fitted():
                del self.__dict__[name]
            self.__dict__.update(before)
            raise

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle, with arrays in place of Keras models."""
        state = dict(super().__getstate__())
        if "_trained" in state:
            now = self._now()
            continues = self.warm_start or state.get("_is_partial", False)
            state["_trained"] = now if continues else now.without_optimizer()
        state.pop("_handed_out", None)
        return state

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with sparse tables accepted."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _sized(arguments: dict[str, Any], n_rows: int) -> dict[str, Any]:
    """Replace a batch size of -1 by the number of rows."""
    return {
        name: n_rows if name.endswith("batch_size") and value == -1 else value
        for name, value in arguments.items()
    }


def _history_name(name: str) -> str:
    """Return the full name of a metric, as scikeras spells it."""
    if name == "loss" or name.startswith("val_"):
        return name
    try:
        return metric_name(name)
    except ValueError:  # defined by the user
        return name
