"""Keras objects as text, and the user's code that the text refers to."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from skdl._compat.keras import all_layers, settings_of
from skdl.networks.keras._is_keras_own import is_keras_own


@dataclass(frozen=True)
class KerasConfig:
    """The configuration of a Keras object.

    Parameters
    ----------
    text : str
        The configuration, as JSON. Objects with equal text are equal.
    custom_objects : tuple of (str, object), default=()
        The user's classes and functions that the text refers to, by name.
    """

    text: str
    custom_objects: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def of(cls, value: Any) -> KerasConfig:
        """Describe an object.

        Parameters
        ----------
        value : object
            A Keras object, or a dict or list of Keras objects.

        Returns
        -------
        KerasConfig
            Its configuration.
        """
        config = keras.saving.serialize_keras_object(value)
        if isinstance(config, dict):
            config.pop("compile_config", None)
        _complete(value, config)
        found = _custom_objects(value)
        return cls(json.dumps(config, sort_keys=True), tuple(sorted(found.items())))

    def build(self, replace: Callable[[dict], dict] | None = None, **more: Any) -> Any:
        """Make the object.

        Parameters
        ----------
        replace : callable, default=None
            Applied to the configuration of each object inside.
        **more : object
            Further custom objects.

        Returns
        -------
        object
            Equal to the one described.
        """
        config = json.loads(self.text)
        if replace is not None:
            config = _walk(config, replace)
        custom_objects = {**dict(self.custom_objects), **more}
        # The text describes an object of this process, or was unpickled: it is trusted.
        return keras.saving.deserialize_keras_object(
            config, custom_objects=custom_objects, safe_mode=False
        )


def _complete(value: Any, config: Any) -> None:
    """Add settings of losses that Keras leaves out, such as Huber's delta."""
    if isinstance(value, dict):
        for key, part in value.items():
            _complete(part, config[key])
    elif isinstance(value, list | tuple):
        parts = config["config"]["value"] if isinstance(config, dict) else config
        for part, described in zip(value, parts, strict=False):
            _complete(part, described)
    elif isinstance(value, keras.losses.Loss):
        accepted = inspect.signature(type(value).__init__).parameters
        settings = settings_of(value)
        if value.dtype != keras.config.floatx():
            settings["dtype"] = value.dtype
        for name, setting in settings.items():
            if name in accepted:
                described = keras.saving.serialize_keras_object(setting)
                config["config"].setdefault(name, described)


def _walk(config: Any, replace: Callable[[dict], dict]) -> Any:
    if isinstance(config, dict):
        inside = {key: _walk(value, replace) for key, value in config.items()}
        return replace(inside) if "class_name" in inside else inside
    if isinstance(config, list):
        return [_walk(value, replace) for value in config]
    return config


def _custom_objects(value: Any) -> dict[str, Any]:
    """The user's classes and functions that an object is made of."""
    found: dict[str, Any] = {}
    for part in _parts(value):
        if is_keras_own(part):
            continue
        named = part if hasattr(part, "__qualname__") else type(part)
        if named.__name__ == "<lambda>":
            continue  # its code is in the text
        registered = keras.saving.get_registered_name(named)
        found[registered] = found[named.__name__] = named
    return found


def _parts(value: Any) -> list[Any]:
    """The layers, functions and settings that a Keras object has."""
    if isinstance(value, dict):
        return [part for inside in value.values() for part in _parts(inside)]
    if isinstance(value, list | tuple):
        return [part for inside in value for part in _parts(inside)]
    if isinstance(value, keras.Layer):
        layers = [value, *all_layers(value)]
        settings = [part for layer in layers for part in vars(layer).values()]
        return layers + [part for part in settings if _is_setting(part)]
    if isinstance(value, str | bytes | int | float | None):
        return []
    return (
        [value, *(part for part in vars(value).values() if _is_setting(part))]
        if (hasattr(value, "__dict__") and not isinstance(value, type))
        else [value]
    )


def _is_setting(part: Any) -> bool:
    kinds = (
        keras.initializers.Initializer,
        keras.regularizers.Regularizer,
        keras.constraints.Constraint,
        keras.losses.Loss,
        keras.metrics.Metric,
    )
    is_function = callable(part) and hasattr(part, "__qualname__")
    return isinstance(part, kinds) or is_function
