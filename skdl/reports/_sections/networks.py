"""A network: its layers, and how it was trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl.diagnosis import NOT_LOSSES, Diagnosis, diagnose, history_of
from skdl.reports._report_input import NotAvailable, ReportInput
from skdl.reports._section import Section
from skdl.reports._sections.experiments import show_findings


def add_architecture(section: Section, inputs: ReportInput) -> None:
    """Tabulate the layers of a network."""
    # Found on the model, so that other models need no TensorFlow.
    network: Any = getattr(inputs.model, "model_", None)
    if not hasattr(network, "layers") or not hasattr(network, "count_params"):
        name = type(inputs.model).__name__
        raise NotAvailable(f"{name} is not a Keras network of layers.")
    table = pd.DataFrame([_layer(layer) for layer in network.layers])
    n_parameters = int(network.count_params())
    trainable = [int(np.prod(weight.shape)) for weight in network.trainable_weights]
    section.add_text(
        f"{len(table)} layers with {n_parameters:,} parameters, of which "
        f"{sum(trainable):,} are trained."
    )
    if not table["activation"].any():
        table = table.drop(columns="activation")
    section.add_table(table)


def _layer(layer: Any) -> dict[str, Any]:
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):  # several outputs, or used several times
        shape = None
    activation = getattr(layer, "activation", None)
    sizes = [str(size) for size in shape[1:] if size] if shape else []
    return {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "activation": getattr(activation, "__name__", None),
        "output": " × ".join(sizes) or None,
        "parameters": int(layer.count_params()),
    }


def add_training(section: Section, inputs: ReportInput) -> None:
    """Add the verdict on the training with the losses, then each metric."""
    model = inputs.model
    history = history_of(model)
    if history is None:
        raise NotAvailable(f"{type(model).__name__} keeps no history of its training.")
    status, best = getattr(model, "status_", None), getattr(model, "best_epoch_", None)
    section.add_text(
        _n_epochs(history)
        + (f", the best was epoch {best}" if best else "")
        + (f"; {status}" if status else "")
        + "."
    )
    diagnoses = [
        heading
        for heading, record in inputs.records.items()
        if isinstance(record, Diagnosis)
    ]
    if diagnoses:
        section.add_text(f"The verdict is in the section “{diagnoses[0]}”.")
    elif _add_verdict(section, model, history):
        history = history.drop(columns="loss")
    _add_learning_curves(section, history)


def _add_verdict(section: Section, model: Any, history: pd.DataFrame) -> bool:
    """Add a diagnosis of the curves, and return whether there is a verdict.

    The rows of a report are usually not the training rows, so the diagnosis only gets
    the curves and the parameters.
    """
    diagnosis = diagnose(model)
    if diagnosis.verdict is None:
        return False
    section.add_figure(
        plots.diagnosis(diagnosis),
        alternative=f"{diagnosis}. {_curve_in_words(history, 'loss')}",
    )
    show_findings(section, diagnosis)
    return True


def _add_learning_curves(section: Section, history: pd.DataFrame) -> None:
    for quantity in history.columns:
        if quantity in NOT_LOSSES or quantity.startswith("val_"):
            continue
        section.add_figure(
            plots.learning_curve(history, quantity=quantity),
            alternative=_curve_in_words(history, quantity),
        )


def _curve_in_words(history: pd.DataFrame, quantity: str) -> str:
    last = f"{history[quantity].iloc[-1]:.3g} on the training data"
    validation = f"val_{quantity}"
    if validation in history:
        last += f" and {history[validation].iloc[-1]:.3g} on the validation data"
    return f"The {quantity} over {_n_epochs(history)}, ending at {last}."


def _n_epochs(history: pd.DataFrame) -> str:
    return f"{len(history)} epoch{'s' if len(history) > 1 else ''}"
