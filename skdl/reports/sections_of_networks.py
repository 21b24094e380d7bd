"""The sections about a network: its layers, and how it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

import skdl.plots as plots
from skdl.reports.section import Section
from skdl.reports.subject import NotAvailable, Subject

NO_LOSS = ("epoch", "learning_rate", "time")


def add_architecture(section: Section, subject: Subject) -> None:
    """Tabulate the layers of a network.

    Parameters
    ----------
    section : Section
        Where to.
    subject : Subject
        What the report is about.

    Raises
    ------
    NotAvailable
        If the model is no network of layers.
    """
    # Asked of the model, so that no network means that no TensorFlow is needed.
    network: Any = getattr(subject.model, "model_", None)
    if not hasattr(network, "layers") or not hasattr(network, "count_params"):
        name = type(subject.model).__name__
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


def add_training(section: Section, subject: Subject) -> None:
    """Draw what happened in training, epoch by epoch.

    Parameters
    ----------
    section : Section
        Where to.
    subject : Subject
        What the report is about.

    Raises
    ------
    NotAvailable
        If the model has no history.
    """
    model = subject.model
    history = history_of(model)
    if history is None:
        raise NotAvailable(f"{type(model).__name__} keeps no history of its training.")
    status, best = getattr(model, "status_", None), getattr(model, "best_epoch_", None)
    section.add_text(
        f"{len(history)} epochs"
        + (f", number {best} the best" if best else "")
        + (f"; {status}" if status else "")
        + "."
    )
    add_learning_curves(section, history)


def history_of(model: Any) -> pd.DataFrame | None:
    """Return the training history of a model, one row per epoch.

    Parameters
    ----------
    model : estimator
        A fitted model.

    Returns
    -------
    history : DataFrame or None
        With the columns "epoch" and "loss"; None where the model keeps none.
    """
    history = getattr(model, "history_", None)
    if history is None and hasattr(model, "loss_curve_"):  # scikit-learn's networks
        history = {"loss": model.loss_curve_}
    if isinstance(history, Mapping):
        lists = {
            str(name): list(values)
            for name, values in history.items()
            if np.ndim(values) == 1
        }
        length = max(map(len, lists.values()), default=0)
        history = pd.DataFrame({k: v for k, v in lists.items() if len(v) == length})
    if not isinstance(history, pd.DataFrame) or history.empty:
        return None
    if "loss" not in history:
        return None
    if "epoch" not in history:
        history = history.assign(epoch=np.arange(1, len(history) + 1))
    return history


def add_learning_curves(section: Section, history: pd.DataFrame) -> None:
    """Draw the loss and the metrics over the epochs.

    Parameters
    ----------
    section : Section
        Where to.
    history : DataFrame
        One row per epoch.
    """
    for quantity in history.columns:
        if quantity in NO_LOSS or quantity.startswith("val_"):
            continue
        last = f"{history[quantity].iloc[-1]:.3g} on the training data"
        validation = f"val_{quantity}"
        if validation in history:
            last += f" and {history[validation].iloc[-1]:.3g} on validation data"
        section.add_figure(
            plots.learning_curve(history, quantity=quantity),
            alternative=f"The {quantity} over {len(history)} epochs, ending at {last}.",
        )
