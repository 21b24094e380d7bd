"""Parameters by the rules of scikeras: any keyword, routed by its prefix."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator

from skdl.exceptions import ParameterError

_PREFIXES = (
    "callbacks",
    "compile",
    "fit",
    "loss",
    "metrics",
    "model",
    "optimizer",
    "predict",
    "score",
)


class RoutedParameters(BaseEstimator):
    """The constructor of scikeras's estimators."""

    def __init__(
        self,
        model: Any = None,
        *,
        build_fn: Any = None,
        warm_start: bool = False,
        random_state: Any = None,
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
        **kwargs: Any,
    ) -> None:
        self.model = model
        self.build_fn = build_fn
        self.warm_start = warm_start
        self.random_state = random_state
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.batch_size = batch_size
        self.validation_batch_size = validation_batch_size
        self.verbose = verbose
        self.callbacks = callbacks
        self.validation_split = validation_split
        self.shuffle = shuffle
        self.run_eagerly = run_eagerly
        self.epochs = epochs
        # routed parameters, and those of the model-building function
        self._extra = kwargs

    def __getattr__(self, name: str) -> Any:
        """Return a parameter that was passed by keyword."""
        extra = self.__dict__.get("_extra", {})
        if name in extra:
            return extra[name]
        if hasattr(type(self), name):  # a property that raised: repeat its error
            return object.__getattribute__(self, name)
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, or a parameter that was passed by keyword."""
        extra = self.__dict__.get("_extra", {})
        if name in extra:
            extra[name] = value
        else:
            super().__setattr__(name, value)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Not used, because no parameter is an estimator.

        Returns
        -------
        dict of str to object
            Parameters of the constructor, of a subclass, and all keyword arguments.
        """
        own = (
            name
            for name in vars(self)
            if not name.startswith("_") and not name.endswith("_")
        )
        names = sorted({*own, *self._extra})
        return {name: getattr(self, name) for name in names}

    def set_params(self, **params: Any) -> Self:
        """Set parameters.

        Parameters
        ----------
        **params : object
            Values by name. Routed names, such as ``optimizer__learning_rate``, may be
            new.

        Returns
        -------
        self : estimator
            This estimator.

        Raises
        ------
        ParameterError
            If a name is not a parameter and has no routing prefix.
        """
        known = self.get_params()
        for name, value in params.items():
            prefix, routes, _ = name.partition("__")
            if name in known:
                setattr(self, name, value)
            elif routes and prefix in _PREFIXES:
                self._extra[name] = value
            else:
                raise ParameterError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}. "
                    f"Expected one of {sorted(known)}, or a name with one of the "
                    f"prefixes {list(_PREFIXES)}. Parameters of the model-building "
                    "function are passed to the constructor: "
                    f"{type(self).__name__}({name}=...)."
                )
        return self
