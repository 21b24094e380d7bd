"""`KerasClassifier`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from scikeras.utils.transformers import ClassifierLabelEncoder
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.callback import with_callbacks
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight

from skdl.data import class_weights
from skdl.estimators._targets import Classes
from skdl.estimators.keras._base import BaseKeras
from skdl.estimators.keras._scikeras import ClassifierDelegate


class KerasClassifier(ClassifierMixin, BaseKeras):
    """Any Keras model as a classifier, with the parameters of scikeras's classifier.

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
    class_weight : dict or "balanced", default=None
        Weight of each class label, which multiplies the sample weights. "balanced"
        gives every class the same total weight. If None, all classes have weight 1.
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
    classes_ : ndarray of shape (n_classes,)
        Class labels.
    n_classes_ : int
        Number of classes.

    See Also
    --------
    MLPClassifier : Multilayer perceptron for tables, which needs no model-building
        function.
    ConvClassifier : Convolutional network for images, which needs no model-building
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
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skdl import KerasClassifier
    >>> def build(meta, units):
    ...     return keras.Sequential(
    ...         [
    ...             keras.Input((meta["n_features_in_"],)),
    ...             keras.layers.Dense(units, activation="relu"),
    ...             keras.layers.Dense(meta["n_classes_"], activation="softmax"),
    ...         ]
    ...     )
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = KerasClassifier(
    ...     build,
    ...     units=16,
    ...     loss="sparse_categorical_crossentropy",
    ...     optimizer="adam",
    ...     optimizer__learning_rate=0.01,
    ...     epochs=30,
    ...     verbose=0,
    ...     random_state=0,
    ... )
    >>> bool(clf.fit(scale(X), y).score(scale(X), y) > 0.9)
    True
    """

    _delegate = ClassifierDelegate
    _target_kind = Classes()

    def __init__(
        self,
        model: Any = None,
        *,
        build_fn: Any = None,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        batch_size: int | None = None,
        validation_batch_size: int | None = None,
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        shuffle: bool = True,
        run_eagerly: bool = False,
        epochs: int = 1,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            model=model,
            build_fn=build_fn,
            warm_start=warm_start,
            random_state=random_state,
            optimizer=optimizer,
            loss=loss,
            metrics=metrics,
            batch_size=batch_size,
            validation_batch_size=validation_batch_size,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            shuffle=shuffle,
            run_eagerly=run_eagerly,
            epochs=epochs,
            **kwargs,
        )
        self.class_weight = class_weight

    @property
    def target_encoder(self) -> Any:
        """The label encoder of scikeras. Override it for other targets."""
        given = vars(self).get("_classes_given")
        categories = "auto" if given is None else [given]
        return ClassifierLabelEncoder(loss=self.loss, categories=categories)

    @staticmethod
    def scorer(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        """Return the accuracy. Override it for another score.

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
        return accuracy_score(y_true, y_pred, **kwargs)

    @with_callbacks
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Any = None,
        sample_weight: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Train for one more epoch, continuing from the previous call.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that later calls may contain. Only the first call reads it. If
            None, the labels in y.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, 0 or more.
        **kwargs : object
            Further arguments of `keras.Model.fit`.

        Returns
        -------
        self : KerasClassifier
            The estimator, trained for one more epoch.
        """
        self._classes_given = None if classes is None else np.unique(classes)
        try:
            return self._partial_fit(X, y, sample_weight, kwargs)
        finally:
            del self._classes_given

    score = BaseKeras.score  # calls `scorer`; otherwise the mixin's would come first

    def _type_of_target(self, y: np.ndarray) -> str:
        given = vars(self).get("_classes_given")
        found = super()._type_of_target(y)
        if found == "binary" and given is not None and len(given) > 2:
            return "multiclass"
        return found

    def _weigh(self, X: Any, y: np.ndarray, sample_weight: Any) -> np.ndarray | None:
        weights = super()._weigh(X, y, sample_weight)
        if self.class_weight is None:
            return weights
        weights = np.ones(len(y)) if weights is None else weights
        if y.ndim == 1:
            classes, codes = np.unique(y, return_inverse=True)
            factors = class_weights(
                self.class_weight, classes=classes, codes=codes, sample_weight=weights
            )
            return weights * factors[codes]
        return weights * compute_sample_weight(self.class_weight, y)

    def predict(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Predict labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows.
        **kwargs : object
            Further arguments of `keras.Model.predict`.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels, decoded by the target encoder.
        """
        outputs = self._probabilities(X, kwargs)
        return self.target_encoder_.inverse_transform(outputs)

    def predict_proba(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Rows.
        **kwargs : object
            Further arguments of `keras.Model.predict`.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            Probabilities in the order of `classes_`, with two columns for two classes.
        """
        outputs = self._probabilities(X, kwargs)
        found = self.target_encoder_.inverse_transform(outputs, return_proba=True)
        n_rows = len(outputs[0]) if isinstance(outputs, list) else len(outputs)
        return found.reshape(n_rows, -1) if isinstance(found, np.ndarray) else found

    def _probabilities(self, X: Any, kwargs: dict[str, Any]) -> Any:
        """Compute the outputs, and convert logits to probabilities."""
        outputs = self._outputs(X, kwargs)
        if isinstance(outputs, list | dict):
            return outputs
        outputs = np.asarray(outputs, np.float64)
        activation = self._trained.activation
        if activation == "linear":
            return outputs
        return expit(outputs) if activation == "sigmoid" else softmax(outputs, -1)

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags, with multilabel targets accepted."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
