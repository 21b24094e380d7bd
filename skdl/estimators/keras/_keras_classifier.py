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

from skdl.data._class_weights import class_weights
from skdl.estimators._targets import Classes
from skdl.estimators.keras._base import BaseKeras
from skdl.estimators.keras._scikeras import ClassifierDelegate


class KerasClassifier(ClassifierMixin, BaseKeras):
    """Any Keras model as a classifier, with the parameters of scikeras's.

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
    class_weight : dict or "balanced", default=None
        Class label to weight, or weights that give every class the same total;
        multiplied with the sample weights.
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
    classes_ : ndarray of shape (n_classes,)
        Labels.
    n_classes_ : int
        Number of labels.

    See Also
    --------
    MLPClassifier : A network for tables, without a function to write.

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
        """scikeras's encoder of labels; override it for other targets."""
        given = vars(self).get("_classes_given")
        categories = "auto" if given is None else [given]
        return ClassifierLabelEncoder(loss=self.loss, categories=categories)

    @staticmethod
    def scorer(y_true: Any, y_pred: Any, **kwargs: Any) -> float:
        """Return the accuracy; override it to score otherwise.

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
        """Train for one epoch, going on where the last call ended.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features, ...)
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that may come in later calls; read in the first call only. None
            takes those in y.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of 0 or more.
        **kwargs : object
            Further arguments of `keras.Model.fit`.

        Returns
        -------
        self : KerasClassifier
            The estimator, one epoch further.
        """
        self._classes_given = None if classes is None else np.unique(classes)
        try:
            return self._partial_fit(X, y, sample_weight, kwargs)
        finally:
            del self._classes_given

    score = BaseKeras.score  # by `scorer`; the mixin's would come first

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
            By the target encoder.
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
            In the order of `classes_`; both columns for two classes.
        """
        outputs = self._probabilities(X, kwargs)
        found = self.target_encoder_.inverse_transform(outputs, return_proba=True)
        n_rows = len(outputs[0]) if isinstance(outputs, list) else len(outputs)
        return found.reshape(n_rows, -1) if isinstance(found, np.ndarray) else found

    def _probabilities(self, X: Any, kwargs: dict[str, Any]) -> Any:
        """Outputs, of which logits are made probabilities."""
        outputs = self._outputs(X, kwargs)
        if isinstance(outputs, list | dict):
            return outputs
        outputs = np.asarray(outputs, np.float64)
        kind = self._trained.logits_of
        if kind is None:
            return outputs
        return expit(outputs) if kind.startswith("Binary") else softmax(outputs, -1)

    def __sklearn_tags__(self) -> Any:
        """Say that several labels per row are accepted."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
