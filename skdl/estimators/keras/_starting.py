"""From parameters and rows to where training begins."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from scikeras.utils import loss_name

from skdl._compat.keras import settings_of
from skdl.estimators.keras._blueprint import Compiled
from skdl.estimators.keras._fitting import Trained
from skdl.exceptions import DataError, ParameterError
from skdl.networks.keras import NotExpressibleError


def begin(
    estimator: Any, X: Any, y: np.ndarray, seed: int | None
) -> tuple[Any, Trained]:
    """Let scikeras fit the encoders and build the model."""
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
                "You must provide a loss or a compiled model. Got a model that is "
                "not compiled and loss=None. Set the 'loss' parameter, or compile "
                "in the model-building function."
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
    start = Trained(
        blueprint.architecture,
        blueprint.weights,
        compiled,
        why_not=why_not,
        logits_of=_logits_of(loss),
        live=blueprint.live,
    )
    return delegate, start


def _logits_of(loss: Any) -> str | None:
    """Class of the loss whose outputs are logits, if it says so."""
    has_logits = settings_of(loss).get("from_logits")
    return type(loss).__name__ if has_logits else None


def _check_outputs(estimator: Any, blueprint: Any) -> None:
    """Refuse a model that does not suit the targets."""
    outputs = getattr(blueprint.live, "outputs", ())
    if blueprint.architecture is not None:
        outputs = blueprint.architecture.output_names
    expected = getattr(estimator, "n_outputs_expected_", None)
    if expected and outputs and len(outputs) != expected:
        raise DataError(
            f"The targets need a model with {expected} outputs. Got one with "
            f"{len(outputs)}. Change the model, or override target_encoder."
        )


def _check_loss(estimator: Any, has: Any) -> None:
    """Refuse a loss parameter that the compiled model does not have."""
    kinds = (str, keras.losses.Loss, type)
    if not isinstance(estimator.loss, kinds) or not isinstance(has, kinds):
        return
    given, got = loss_name(estimator.loss), loss_name(has)
    if given != got:
        raise ParameterError(
            f"The parameter loss={estimator.loss!r} disagrees with the loss that the "
            f"model was compiled with, {got!r}. Set only one of them."
        )
