"""Every private part of scikeras that skdl uses, under a public name.

scikeras is no longer maintained, so that these parts do not change; the tests of this
module say what would break if they did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from scikeras import _utils, wrappers


def route_parameters(
    parameters: Mapping[str, Any],
    destination: str,
    unrouted: Collection[str],
    *,
    strict: bool = False,
) -> dict[str, Any]:
    """Return the parameters whose prefix is a destination, and some without prefix."""
    return _utils.route_params(
        dict(parameters), destination, pass_filter=unrouted, strict=strict
    )


def takes_parameter(function: Callable, name: str) -> bool:
    """Return whether a function has a parameter of this name."""
    return _utils.has_param(function, name)


def takes_any_keyword(function: Callable) -> bool:
    """Return whether a function takes ``**kwargs``."""
    return _utils.accepts_kwargs(function)


class Hooks:
    """Public names for the private steps of scikeras's estimators."""

    # Its own attributes are private: scikeras takes all others for parameters.

    def set_build_inputs(self, estimator: Any, names: Collection[str]) -> None:
        """Take over an estimator's build method and its parameters for the build."""
        self._user_params = set(names)
        if has_build_method(estimator):
            self._keras_build_fn = estimator._keras_build_fn

    # Steps of `initialize`, to override

    def check_data(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Return X and y, checked."""
        return X, y

    def make_model(self) -> Any:
        """Return what becomes `model_`."""
        return self.call_build_function()

    def metadata(self) -> dict[str, Any]:
        """Return the `meta` of the model-building function."""
        return super()._get_metadata()  # type: ignore[misc]

    # Steps to call

    def call_build_function(self) -> Any:
        """Call the model-building function with the arguments that it takes."""
        self._random_state = None  # no seeding by scikeras
        return super()._build_keras_model()  # type: ignore[misc]

    def build_function(self) -> Callable:
        """Return the model-building function."""
        return self._check_model_param()  # type: ignore[attr-defined]

    def compile_arguments(self) -> dict[str, Any]:
        """Return the arguments of `keras.Model.compile`."""
        return self._get_compile_kwargs()  # type: ignore[attr-defined]

    def names_of_arguments(self, method: str) -> set[str]:
        """Return the parameters without prefix that "fit" or "predict" takes."""
        return getattr(self, f"_{method}_kwargs")

    def build_callbacks(self, method: str) -> list[Any]:
        """Return the callbacks of "fit" or "predict", built from their parameters."""
        if not hasattr(self, "_fit_callbacks"):  # `initialize` builds them too
            self._initialize_callbacks()  # type: ignore[attr-defined]
        return getattr(self, f"_{method}_callbacks")

    # Where scikeras calls the steps above

    def _validate_data(self, X: Any = None, y: Any = None, **_: Any) -> tuple[Any, Any]:
        return self.check_data(X, y)

    def _build_keras_model(self) -> Any:
        return self.make_model()

    def _get_metadata(self) -> dict[str, Any]:
        return self.metadata()


class HookedClassifier(Hooks, wrappers.KerasClassifier):
    """scikeras's classifier with its private steps under public names."""


class HookedRegressor(Hooks, wrappers.KerasRegressor):
    """scikeras's regressor with its private steps under public names."""


def has_build_method(estimator: Any) -> bool:
    """Return whether an estimator's class builds its model itself."""
    return hasattr(estimator, "_keras_build_fn")
