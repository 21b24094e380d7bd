"""The state of a model before training: encoders, initial weights, losses."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from scikeras.utils import loss_name

from skdl._compat.keras import settings_of
from skdl.estimators.keras._blueprint import Compiled
from skdl.estimators.keras._fitting import ModelState
from skdl.exceptions import DataError, ParameterError
from skdl.networks.keras import NotExpressibleError


def begin(
    estimator: Any, X: Any, y: np.ndarray, seed: int | None
) -> tuple[Any, ModelState]:
    """Fit the encoders and build the model, by scikeras."""
    # X: (n_samples, n_features, ...); y: (n_samples,)
    checked = {
        "X_dtype_": X.dtype,
        "X_shape_": X.shape,
        "n_features_in_": estimator.n_features_in_,
        "target_type_": estimator._type_of_target(y),
        "y_dtype_": y.dtype,
        "y_ndim_": y.ndim,
    }
    vars(estimator).update(checked)
    delegate = estimator._delegate(estimator, checked, seed)
    delegate.initialize(X, y)
    blueprint = delegate.model_
    vars(estimator).update(delegate.found())
    compiled, why_not = blueprint.compiled, blueprint.reason
    is_compiled = compiled or (blueprint.live and blueprint.live.compiled)
    if not is_compiled:
        arguments = delegate.compile_arguments()
        if not arguments.get("loss"):
            raise ParameterError(
                "You must provide a loss or a compiled model. Got loss=None and a "
                "model that is not compiled. Set the 'loss' parameter, or compile the "
                "model in the model-building function."
            )
        loss = arguments["loss"]
        try:
            compiled = Compiled.of(arguments, has_limits=blueprint.has_limits)
        except NotExpressibleError as error:
            why_not = str(error)
    else:
        live = blueprint.live
        loss = live.loss if live else compiled.losses.build()["loss"]
        if estimator.run_eagerly:
            why_not = "it runs eagerly"
        _check_loss(estimator, loss)
    _check_outputs(estimator, blueprint)
    start = ModelState(
        blueprint.architecture,
        blueprint.weights,
        compiled,
        why_not=why_not,
        logits_of=_logits_of(loss),
        live=blueprint.live,
    )
    return delegate, start


def _logits_of(loss: Any) -> str | None:
    """Return the class of a loss that reads outputs as logits, else None."""
    has_logits = settings_of(loss).get("from_logits")
    return type(loss).__name__ if has_logits else None


def _check_outputs(estimator: Any, blueprint: Any) -> None:
    """Raise if the number of outputs does not fit the targets."""
    outputs = getattr(blueprint.live, "outputs", ())
    if blueprint.architecture is not None:
        outputs = blueprint.architecture.output_names
    expected = getattr(estimator, "n_outputs_expected_", None)
    if expected and outputs and len(outputs) != expected:
        raise DataError(
            f"y needs a model with {expected} outputs. Got a model with "
            f"{len(outputs)}. Change the model, or override target_encoder."
        )


def _check_loss(estimator: Any, compiled: Any) -> None:
    """Raise if the loss parameter differs from the loss of the compiled model."""
    kinds = (str, keras.losses.Loss, type)
    if not isinstance(estimator.loss, kinds) or not isinstance(compiled, kinds):
        return
    given, got = loss_name(estimator.loss), loss_name(compiled)
    if given != got:
        raise ParameterError(
            f"loss={estimator.loss!r} differs from the loss of the compiled model, "
            f"{got!r}. Set only one of them."
        )
