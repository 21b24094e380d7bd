"""`KerasRegressor`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scikeras.utils.transformers import RegressorTargetEncoder
from sklearn.base import RegressorMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import r2_score

from skdl.estimators._targets import Quantities
from skdl.estimators.keras._base import BaseKeras
from skdl.estimators.keras._scikeras import RegressorDelegate


class KerasRegressor(RegressorMixin, BaseKeras):
    """Any Keras model as a regressor, with the parameters of scikeras's.

    Parameters
    ----------
    model : callable or keras.Model, default=None
        A function that returns a `keras.Model`, compiled or not. It is passed all
        parameters that begin with ``model__``, those given by other keywords, and, if
        it takes them, `meta` (what is known of X and y, such as
        ``meta["n_features_in_"]``), `compile_kwargs` and `params`. A built model is
        where every fit begins; it is not changed. None for a subclass that has
        ``_keras_build_fn``.
    build_fn : callable or keras.Model, default=None
        The older name of `model`.
    warm_start : bool, default=False
        Whether `fit` goes on with the model, and the optimizer, of the last fit.
    random_state : int, RandomState instance or None, default=None
        Source of initial weights, row orders and dropout. With an integer the
        model-building function is called once for equal arguments, and its weights
        remembered. None takes Python's global generator, as Keras does.
    optimizer : str, type or keras.optimizers.Optimizer, default="rmsprop"
        For a model that is not compiled; ``optimizer__learning_rate`` and others reach
        names and types.
    loss : str, type, callable or keras.losses.Loss, default=None
        For a model that is not compiled; must be given then.
    metrics : list, default=None
        For a model that is not compiled.
    batch_size : int, default=None
        Rows per step; None is Keras's 32, and -1 takes all rows.
    validation_batch_size : int, default=None
        Validation rows that are scored at once; changes no result but for rounding.
    verbose : int, default=1
        0 prints nothing, 1 a bar for each epoch, 2 a line.
    callbacks : list or dict of keras.callbacks.Callback, default=None
        Objects, or types that take parameters that begin with ``callbacks__``.
    validation_split : float, default=0.0
        Share of the training rows, the last ones, to measure the loss on.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order.
    run_eagerly : bool, default=False
        Whether `keras.Model.fit` trains, without compiling.
    epochs : int, default=1
        Passes over the rows.
    **kwargs : object
        Parameters for the model-building function, and routed ones: ``model__``,
        ``optimizer__``, ``loss__``, ``metrics__``, ``compile__``, ``callbacks__``,
        ``fit__``, ``predict__`` and ``score__`` in front of a name.

    Attributes
    ----------
    model_ : keras.Model
        The trained model, compiled; predictions follow what is done to it.
    history_ : dict of str to list
        One value per epoch, by Keras's names.
    current_epoch : int
        Number of epochs trained so far.
    status_ : str
        How training ended, in words.
    initialized_ : bool
        Whether there is a model to predict with.
    target_encoder_, feature_encoder_ : transformer
        How y and X are encoded.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, if X had names.
    n_outputs_, n_outputs_expected_ : int
        Number of targets, and of outputs of the model.
    target_type_ : str
        Kind of y, by `sklearn.utils.multiclass.type_of_target`.
    X_shape_, X_dtype_, y_dtype_, y_ndim_
        Of the rows seen in fit.

    See Also
    --------
    MLPRegressor : A network for tables, without a function to write.

    Notes
    -----
    scikeras routes parameters, fits encoders and builds the model; skdl validates,
    trains, predicts and saves. Functional and sequential models train by the engine
    (see docs/training.md); models with a training step of their own, callbacks that
    look at batches, and `run_eagerly` by `keras.Model.fit`. docs/migration.md says
    what differs from scikeras.

    Examples
    --------
    >>> import keras
    >>> from sklearn.datasets import make_regression
    >>> from skdl import KerasRegressor
    >>> def build(meta):
    ...     return keras.Sequential(
    ...         [keras.Input((meta["n_features_in_"],)), keras.layers.Dense(1)]
    ...     )
    >>> X, y = make_regression(n_samples=100, n_features=3, random_state=0)
    >>> reg = KerasRegressor(
    ...     build,
    ...     loss="mean_squared_error",
    ...     optimizer="sgd",
    ...     optimizer__learning_rate=0.05,
    ...     epochs=30,
    ...     verbose=0,
    ...     random_state=0,
    ... )
    >>> bool(reg.fit(X, y).score(X, y) > 0.9)
    True
    """

    _delegate = RegressorDelegate
    _target_kind = Quantities()

    @property
    def target_encoder(self) -> Any:
        """scikeras's, which keeps the shape of y; override it for other targets."""
        return RegressorTargetEncoder()

    @staticmethod
    def scorer(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        """Return R squared; override it to score otherwise.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Predictions.
        **kwargs : object
            `sample_weight`, and parameters that begin with ``score__``.

        Returns
        -------
        float
            The higher, the better.
        """
        return r2_score(y_true, y_pred, **kwargs)

    @with_callbacks
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Self:
        """Train for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Quantities.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more.
        **kwargs : object
            Further arguments of `keras.Model.fit`.

        Returns
        -------
        self : KerasRegressor
            The estimator, one epoch further.
        """
        return self._partial_fit(X, y, sample_weight, kwargs)

    score = BaseKeras.score  # by `scorer`; the mixin's would come first

    def predict(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Predict quantities.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows.
        **kwargs : object
            Further arguments of `keras.Model.predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            By the target encoder.
        """
        outputs = self._outputs(X, kwargs)
        if not isinstance(outputs, list | dict):
            outputs = np.asarray(outputs, np.float64)
        return self.target_encoder_.inverse_transform(outputs)

    def __sklearn_tags__(self) -> Any:
        """Say that several outputs are accepted."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
