"""Rules: what the numbers of the layers say, and what to try first.

A rule is a function of a `Flow` that returns a finding or None; `RULES` has them in the
order in which findings of one severity are to be acted on. `gradient_flow` says where
the thresholds come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from skdl._models import prefixed
from skdl.diagnosis._finding import Finding, Severity
from skdl.diagnosis.flow._evidence import LARGE_UPDATE, Flow, largest

EXPLODING_GROWTH = 100.0  # of the gradients' norm, from the first step
LARGE_NORM = 10.0  # of all gradients together
VANISHING_RATIO = 1e-3  # of the smallest layer's gradient norm to the largest
DEAD_LAYER, DEAD_NETWORK = 0.95, 0.3  # shares of the units: of one layer, of all
DIED_SHARE = 0.5  # of the dead, which were not yet so in the first step
DEAD_BY_FEATURES = 0.1  # of the first hidden layer's units, before any step
SATURATED_LAYER = 0.5  # share of a layer's units
SMALL_CHANGE = 0.01  # of the weights' norm, over the whole training
DEEP = 5  # hidden layers

_SEVERITIES: tuple[Severity, ...] = ("problem", "warning", "note")


def find_exploding(flow: Flow) -> Finding | None:
    """Gradients that grow beyond bounds, and what they do to the weights."""
    norms = np.linalg.norm(flow.gradient_norms, axis=1)
    growth = float(norms.max() / max(norms[0], np.finfo(float).tiny))
    # Gradients that were tiny at first, as with small weights, only recover by growing.
    has_exploded = growth >= EXPLODING_GROWTH and norms.max() >= LARGE_NORM
    if not (flow.has_diverged or has_exploded):
        return None
    numbers = {
        "gradient_norm_first_step": float(norms[0]),
        "gradient_norm_largest": float(norms.max()),
        "growth": growth,
        "threshold": EXPLODING_GROWTH,
        "update_ratio_first_step": flow.first_update,
        "learning_rate": float(flow.parameters["learning_rate"]),
    }
    said = (
        f"The norm of all gradients was {norms[0]:.3g} in the first step and "
        f"{norms.max():.3g} at most (mean of an epoch)."
    )
    suggestion = flow.lower_rate()
    advice = (
        "Lower the learning rate. After that: clip gradients (clip_norm=1.0), or batch "
        "normalisation."
    )
    clips = norms[0] >= LARGE_NORM and flow.parameters["clip_norm"] is None
    if clips and flow.first_update < LARGE_UPDATE * norms[0]:
        suggestion = {"clip_norm": 1.0}
        said += " It was large before anything was learnt."
        advice = (
            "Clip gradients, and scale the features (StandardScaler), whose size the "
            "first gradients have. After that: a lower learning rate."
        )
    verdict = "gradients exploded" + " and training diverged" * flow.has_diverged
    severity: Severity = "problem" if flow.has_diverged else "warning"
    return Finding(
        "exploding_gradients", severity, verdict, numbers, said, advice, suggestion
    )


def find_dying(flow: Flow) -> Finding | None:
    """ReLU units that are 0 for all training rows, and so learn nothing any more."""
    shares, first = flow.end["dead_share"], flow.first_step["dead_share"]
    has = np.isfinite(shares)
    if not has.any():
        return None
    dead, dead_first = (
        float(np.average(part[has], weights=flow.n_units[has]))
        for part in (shares, np.nan_to_num(first))
    )
    worst = largest(shares)
    if worst < DEAD_LAYER and dead < DEAD_NETWORK:
        return None
    layer = flow.names[int(np.nanargmax(shares))]
    numbers = {
        "dead_share": dead,
        "threshold": DEAD_NETWORK,
        "dead_share_of_worst_layer": worst,
        "threshold_of_worst_layer": DEAD_LAYER,
        "dead_share_first_step": dead_first,
        "update_ratio_first_step": flow.first_update,
    }
    meaning = (
        f"{dead:.0%} of the hidden units are 0 for every training row, in layer "
        f"{layer!r} {worst:.0%}: no gradient reaches their weights, so they stay so. "
        f"In the first step it was {dead_first:.0%}."
    )
    if dead - dead_first > DIED_SHARE * dead:
        advice = (
            "They died in training, by steps that were too large: lower the learning "
            "rate. After that: activation='leaky_relu', or batch normalisation."
        )
        suggestion = flow.lower_rate()
    else:
        advice, suggestion = _way_to_life(flow)
    is_cut = worst >= DEAD_LAYER
    return Finding(
        "dying_units",
        "problem" if is_cut else "warning",
        "a layer of ReLU units is dead" if is_cut else "many ReLU units are dead",
        numbers,
        meaning,
        advice,
        suggestion,
    )


def _way_to_life(flow: Flow) -> tuple[str, dict[str, Any]]:
    """What helps units that were dead before any step."""
    if not flow.first_step["dead_share"][0] >= DEAD_BY_FEATURES:
        return (
            "Most were so from the first step: the layers are too narrow for their "
            "number. ELU and tanh have a slope on both sides of 0. After that: "
            "activation='leaky_relu', wider or fewer layers."
        ), {"activation": "elu"}
    said = (
        "Most were so from the first step, in the first layer too: the features are of "
        "unequal scale, or far from 0. Scale them (StandardScaler)"
    )
    norm = flow.parameters["batch_norm"]
    if norm is True or norm == "before":
        return f"{said}.", {}
    return (
        f"{said}; batch normalisation before the activation does most of that within "
        "the network. After that: wider layers."
    ), {"batch_norm": "before" if norm else True}


def find_saturated(flow: Flow) -> Finding | None:
    """Sigmoid or tanh units at their bounds, where the slope is almost 0."""
    shares, first = flow.end["saturated_share"], flow.first_step["saturated_share"]
    if largest(shares) < SATURATED_LAYER:
        return None
    layer = flow.names[int(np.nanargmax(shares))]
    numbers = {
        "saturated_share_of_worst_layer": largest(shares),
        "threshold": SATURATED_LAYER,
        "saturated_share_first_step": largest(first),
    }
    meaning = (
        f"{largest(shares):.0%} of the units of layer {layer!r} are near a bound of "
        f"{flow.parameters['activation']} for most training rows: their slope is below "
        "a tenth of the largest, and so are the gradients behind them."
    )
    if largest(first) >= SATURATED_LAYER and not flow.has_large_steps:
        advice = (
            "They were so from the first step: scale the features (StandardScaler), or "
            "normalise what reaches the units. After that: activation='relu'."
        )
        has_norm = bool(flow.parameters["batch_norm"])
        suggestion = {"activation": "relu"} if has_norm else {"batch_norm": True}
    else:
        advice = (
            "Steps that were too large drove them there: lower the learning rate. "
            "After that: batch normalisation, or activation='relu'."
        )
        suggestion = flow.lower_rate()
    return Finding(
        "saturated_units",
        "warning",
        "many units are saturated",
        numbers,
        meaning,
        advice,
        suggestion,
    )


def find_vanishing(flow: Flow) -> Finding | None:
    """Gradients that are lost on their way back to the first layers."""
    first, last = float(flow.vanishing[0]), float(flow.vanishing[-1])
    if not last < VANISHING_RATIO or largest(flow.end["dead_share"]) >= DEAD_LAYER:
        return None  # dead units let nothing through, and that is said of them
    is_late = first >= VANISHING_RATIO
    if is_late and find_exploding(flow) is not None:
        return None  # weights were thrown about, and layers with them
    has_broken = is_late and flow.has_large_steps
    if has_broken and find_dying(flow) is not None:
        return None
    layer = flow.names[int(np.argmin(flow.last))]
    numbers = {
        "smallest_to_largest": last,
        "threshold": VANISHING_RATIO,
        "smallest_to_largest_first_step": first,
        "n_hidden_layers": float(flow.n_hidden),
        "update_ratio_first_step": flow.first_update,
    }
    meaning = (
        f"In the last epoch the gradients of layer {layer!r} had {last:.1g} times the "
        f"norm of the largest ones (in the first step {first:.1g} times): it learns "
        "next to nothing, however long it is trained."
    )
    advice, suggestion = _way_through(flow)
    if has_broken:
        meaning += (
            f" The first step changed the weights by {flow.first_update:.1g} of their "
            "norm: steps that large broke a network that let gradients through."
        )
        advice = "Lower the learning rate. After that: batch normalisation."
        suggestion = flow.lower_rate()
    return Finding(
        "vanishing_gradients",
        "problem",
        "gradients vanish before they reach all layers",
        numbers,
        meaning,
        advice,
        suggestion,
    )


def _way_through(flow: Flow) -> tuple[str, dict[str, Any]]:
    """What lets gradients through that the network does not have yet."""
    has_norm = bool(flow.parameters["batch_norm"])
    initializer = flow.fitting_initializer()
    if initializer is not None and not has_norm:
        return (
            f"Weights that begin in proportion to the layers' widths "
            f"(kernel_initializer={initializer!r}), so that what passes a layer keeps "
            "its size. After that: batch normalisation, residual connections, fewer "
            "layers."
        ), {"kernel_initializer": initializer}
    if flow.is_bounded and (flow.n_hidden < DEEP or has_norm):
        return (
            "ReLU, whose slope is 1 where a unit is active. After that: batch "
            "normalisation, residual connections, fewer layers."
        ), {"activation": "relu"}
    if flow.parameters["activation"] in ("relu", "sigmoid", "tanh"):
        return (
            "ELU, whose slope is 1 where a unit is active and not 0 where it is not, "
            "so that narrow layers in great number let gradients through. After that: "
            "batch normalisation, residual connections, fewer layers."
        ), {"activation": "elu"}
    if not has_norm:
        return (
            "Batch normalisation, which keeps the size of what passes the layers. "
            "After that: residual connections, fewer layers."
        ), {"batch_norm": True}
    if flow.can_add():
        return (
            "Residual connections, by which gradients pass layers unchanged. After "
            "that: fewer layers."
        ), {"residual": True}
    if len(flow.widths) > 2:
        return "Fewer layers.", {"hidden_layer_sizes": flow.widths[:2]}
    return "Scale the features (StandardScaler).", {}


def find_small_updates(flow: Flow) -> Finding | None:
    """Steps so small that the weights hardly leave where they began."""
    ratios = flow.epochs["update_ratio"]
    is_cut = largest(flow.end["dead_share"]) >= DEAD_LAYER
    if flow.has_diverged or is_cut or not len(ratios):
        return None  # what is dead moves at no rate
    change = float(flow.n_steps * ratios.sum(axis=0).max())
    if change >= SMALL_CHANGE:
        return None
    return Finding(
        "small_updates",
        "warning",
        "the weights hardly changed",
        {
            "change": change,
            "threshold": SMALL_CHANGE,
            "update_ratio": float(np.median(ratios[-1])),
            "learning_rate": float(flow.parameters["learning_rate"]),
        },
        f"All steps together were {change:.2g} times as long as the weights, in the "
        "layer that changed most: the network is nearly the one that was drawn.",
        "Raise the learning rate. After that: more epochs.",
        flow.higher_rate(),
    )


RULES: tuple[Callable[[Flow], Finding | None], ...] = (
    find_exploding,
    find_dying,
    find_vanishing,
    find_saturated,
    find_small_updates,
)


def apply_rules(flow: Flow, *, prefix: str) -> tuple[Finding, ...]:
    """Apply all rules."""
    found = [finding for rule in RULES if (finding := rule(flow)) is not None]
    if not found and len(flow.epochs["update_ratio"]):
        found = [_healthy(flow)]
    found.sort(key=lambda finding: _SEVERITIES.index(finding.severity))
    return tuple(
        replace(finding, suggestion=prefixed(finding.suggestion, prefix))
        for finding in found
    )


def _healthy(flow: Flow) -> Finding:
    ratio = float(np.median(flow.epochs["update_ratio"][-1]))
    return Finding(
        "healthy_flow",
        "note",
        "gradients reach all layers, and their units are at work",
        {
            "smallest_to_largest": float(flow.vanishing[-1]),
            "update_ratio": ratio,
            "dead_share_of_worst_layer": largest(flow.end["dead_share"]),
            "saturated_share_of_worst_layer": largest(flow.end["saturated_share"]),
        },
        f"In the last epoch the smallest gradients of a layer had "
        f"{flow.vanishing[-1]:.2g} times the norm of the largest, and a step changed "
        f"the weights by {ratio:.1g} of their norm (median over the layers).",
        "Nothing to change on account of the gradients.",
    )
