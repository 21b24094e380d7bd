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
    """Any Keras model as a regressor, with the parameters of scikeras's regressor.

    Parameters
    ----------
    model : callable or keras.Model, default=None
        Function that returns a `keras.Model`, compiled or not. It is called with all
        parameters that start with ``model__``, with the other keyword arguments of this
        class, and, if its signature has them, with `meta` (what is known of X and y,
        such as ``meta["n_features_in_"]``), `compile_kwargs` and `params`. A
        `keras.Model` is the starting point of every fit, and it is not modified. None
        for subclasses that define ``_keras_build_fn``.
    build_fn : callable or keras.Model, default=None
        Deprecated name of `model`.
    warm_start : bool, default=False
        Whether `fit` continues with the model and the optimizer of the previous fit.
    random_state : int, RandomState instance or None, default=None
        Controls the initial weights, the order of the rows and dropout. Pass an int for
        reproducible results. The model-building function is then called once for equal
        arguments, and later fits reuse the initial weights. If None, Python's global
        random state is used, as in Keras.
    optimizer : str, type or keras.optimizers.Optimizer, default="rmsprop"
        Optimizer for models that are not compiled. Parameters such as
        ``optimizer__learning_rate`` are passed to an optimizer that is given by name or
        type.
    loss : str, type, callable or keras.losses.Loss, default=None
        Loss for models that are not compiled, which require it.
    metrics : list, default=None
        Metrics for models that are not compiled.
    batch_size : int, default=None
        Number of rows per training step. None is 32, as in Keras, and -1 uses all rows
        in every step.
    validation_batch_size : int, default=None
        Number of validation rows to evaluate at once. Affects results only by rounding.
    verbose : int, default=1
        0 prints nothing, 1 a progress bar per epoch, 2 a line per epoch.
    callbacks : list or dict of keras.callbacks.Callback, default=None
        Callback objects, or types that are created with the parameters that start with
        ``callbacks__``.
    validation_split : float, default=0.0
        Fraction of the training rows to use as validation rows. The last rows are used.
    shuffle : bool, default=True
        Whether to shuffle the rows before each epoch.
    run_eagerly : bool, default=False
        Whether to train with `keras.Model.fit`, without compiling the training step.
    epochs : int, default=1
        Number of passes over the training rows.
    **kwargs : object
        Parameters of the model-building function, and routed parameters, whose names
        start with ``model__``, ``optimizer__``, ``loss__``, ``metrics__``,
        ``compile__``, ``callbacks__``, ``fit__``, ``predict__`` or ``score__``.

    Attributes
    ----------
    model_ : keras.Model
        The trained model, compiled. If you change its weights, predictions change.
    history_ : dict of str to list
        One value per epoch for the loss and each metric, named as in Keras.
    current_epoch : int
        Number of epochs trained so far.
    status_ : str
        How training ended, in words.
    initialized_ : bool
        Whether there is a model to predict with.
    target_encoder_, feature_encoder_ : transformer
        Fitted transformers of y and X.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X has column names.
    n_outputs_, n_outputs_expected_ : int
        Number of targets, and number of outputs that the model must have.
    target_type_ : str
        Type of y, as returned by `sklearn.utils.multiclass.type_of_target`.
    X_shape_, X_dtype_, y_dtype_, y_ndim_
        Shape and types of the data seen in `fit`.

    See Also
    --------
    MLPRegressor : Multilayer perceptron for tables, which needs no model-building
        function.
    ConvRegressor : Convolutional network for images, which needs no model-building
        function.

    Notes
    -----
    scikeras routes the parameters, fits the encoders and calls the model-building
    function. skdl validates, trains, predicts and pickles.

    The engine of skdl trains functional and sequential models (see docs/training.md).
    `keras.Model.fit` trains models that override the training step, models with
    callbacks that act on batches, and models with `run_eagerly`. docs/migration.md
    lists the differences from scikeras.

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
        """The target encoder of scikeras. Override it for other targets."""
        return RegressorTargetEncoder()

    @staticmethod
    def scorer(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        """Return R squared. Override it for another score.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        y_pred : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Predictions.
        **kwargs : object
            `sample_weight`, and the parameters that start with ``score__``.

        Returns
        -------
        float
            Score. Higher is better.
        """
        return r2_score(y_true, y_pred, **kwargs)

    @with_callbacks
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Self:
        """Train for one more epoch, continuing from the previous call.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Quantities.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more.
        **kwargs : object
            Further arguments of `keras.Model.fit`.

        Returns
        -------
        self : KerasRegressor
            The estimator, trained for one more epoch.
        """
        return self._partial_fit(X, y, sample_weight, kwargs)

    score = BaseKeras.score  # calls `scorer`; otherwise the mixin's would come first

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
            Predictions, decoded by the target encoder.
        """
        outputs = self._outputs(X, kwargs)
        if not isinstance(outputs, list | dict):
            outputs = np.asarray(outputs, np.float64)
        return self.target_encoder_.inverse_transform(outputs)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with several outputs accepted."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
