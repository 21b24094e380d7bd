"""Rules: what the numbers of the layers mean, and what to try first.

A rule is a function of a `Flow` that returns a finding or None. `RULES` lists them in
the order in which to act on findings of the same severity. The docstring of
`gradient_flow` says where the thresholds come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from skdl._models import prefixed
from skdl.diagnosis._finding import Finding, Severity
from skdl.diagnosis.flow._evidence import LARGE_UPDATE, Flow, largest

EXPLODING_GROWTH = 100.0  # of the gradients' norm, since the first step
LARGE_NORM = 10.0  # of all gradients together
VANISHING_RATIO = 1e-3  # the smallest layer's gradient norm to the largest
DEAD_LAYER, DEAD_NETWORK = 0.95, 0.3  # share of the units of one layer, of all units
DIED_SHARE = 0.5  # of the dead units: those that were still alive in the first step
DEAD_BY_FEATURES = 0.1  # of the first hidden layer's units, before any step
SATURATED_LAYER = 0.5  # share of a layer's units
SMALL_CHANGE = 0.01  # of the weights' norm, over the whole training
DEEP = 5  # hidden layers

_SEVERITIES: tuple[Severity, ...] = ("problem", "warning", "note")


def find_exploding(flow: Flow) -> Finding | None:
    """Gradients that explode, whether or not training diverged."""
    norms = np.linalg.norm(flow.gradient_norms, axis=1)
    growth = float(norms.max() / max(norms[0], np.finfo(float).tiny))
    # Gradients that start tiny, as with small weights, must grow to recover.
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
    meaning = (
        f"The norm of all gradients was {norms[0]:.3g} in the first step and at most "
        f"{norms.max():.3g} later (mean over an epoch)."
    )
    suggestion = flow.lower_rate()
    advice = (
        "Lower the learning rate. If that is not enough, clip the gradients "
        "(clip_norm=1.0) or use batch normalisation."
    )
    clips = norms[0] >= LARGE_NORM and flow.parameters["clip_norm"] is None
    if clips and flow.first_update < LARGE_UPDATE * norms[0]:
        suggestion = {"clip_norm": 1.0}
        meaning += " It was already large before the network had learnt anything."
        advice = (
            "Clip the gradients and scale the features (StandardScaler): large "
            "features make large gradients. If that is not enough, lower the learning "
            "rate."
        )
    verdict = "gradients exploded" + " and training diverged" * flow.has_diverged
    severity: Severity = "problem" if flow.has_diverged else "warning"
    return Finding(
        "exploding_gradients", severity, verdict, numbers, meaning, advice, suggestion
    )


def find_dying(flow: Flow) -> Finding | None:
    """ReLU units that are 0 for all training rows and so have stopped learning."""
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
        f"{dead:.0%} of the hidden units are 0 for every training row ({worst:.0%} in "
        f"layer {layer!r}). No gradient reaches their weights, so they stay dead. In "
        f"the first step {dead_first:.0%} were dead."
    )
    if dead - dead_first > DIED_SHARE * dead:
        advice = (
            "Steps that were too large killed them during training: lower the learning "
            "rate. If that is not enough, use activation='leaky_relu' or batch "
            "normalisation."
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
    """Advice for units that were dead before any step."""
    if not flow.first_step["dead_share"][0] >= DEAD_BY_FEATURES:
        return (
            "Most were dead from the first step: the layers are too narrow for so deep "
            "a network. Use ELU or tanh, which have a slope on both sides of 0. If "
            "that is not enough, try activation='leaky_relu', or wider or fewer layers."
        ), {"activation": "elu"}
    advice = (
        "Most were dead from the first step, even in the first layer: the features "
        "differ in scale or are far from 0. Scale them (StandardScaler)."
    )
    norm = flow.parameters["batch_norm"]
    if norm is True or norm == "before":
        return advice, {}
    return (
        f"{advice} Batch normalisation before the activation does most of the same "
        "inside the network. If that is not enough, widen the layers."
    ), {"batch_norm": "before" if norm else True}


def find_saturated(flow: Flow) -> Finding | None:
    """Sigmoid or tanh units close to their bounds, where the slope is almost 0."""
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
        f"{largest(shares):.0%} of the units of layer {layer!r} are close to a bound "
        f"of {flow.parameters['activation']} for most training rows. Their slope is "
        "less than a tenth of its maximum, so little gradient passes through them."
    )
    if largest(first) >= SATURATED_LAYER and not flow.has_large_steps:
        advice = (
            "They were saturated from the first step: scale the features "
            "(StandardScaler) or use batch normalisation. If that is not enough, use "
            "activation='relu'."
        )
        has_norm = bool(flow.parameters["batch_norm"])
        suggestion = {"activation": "relu"} if has_norm else {"batch_norm": True}
    else:
        advice = (
            "Steps that were too large saturated them: lower the learning rate. If "
            "that is not enough, use batch normalisation or activation='relu'."
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
    """Gradients that vanish on their way back to the first layers."""
    first, last = float(flow.vanishing[0]), float(flow.vanishing[-1])
    if not last < VANISHING_RATIO or largest(flow.end["dead_share"]) >= DEAD_LAYER:
        return None  # dead units pass no gradient, and have a finding of their own
    is_late = first >= VANISHING_RATIO
    if is_late and find_exploding(flow) is not None:
        return None  # the explosion explains it
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
        f"In the last epoch the gradient norm of layer {layer!r} was {last:.1g} times "
        f"that of the layer with the largest ({first:.1g} times in the first step). "
        "The layer learns next to nothing, however long you train."
    )
    advice, suggestion = _way_through(flow)
    if has_broken:
        meaning += (
            f" The first step changed the weights by {flow.first_update:.1g} of their "
            "norm. Gradients flowed well until such large steps disrupted the network."
        )
        advice = (
            "Lower the learning rate. If that is not enough, use batch normalisation."
        )
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
    """The first remedy for vanishing gradients that the network lacks."""
    has_norm = bool(flow.parameters["batch_norm"])
    initializer = flow.fitting_initializer()
    if initializer is not None and not has_norm:
        return (
            f"Use initial weights scaled to the layers' widths "
            f"(kernel_initializer={initializer!r}), so that signals keep their size "
            "from layer to layer. If that is not enough, try batch normalisation, "
            "residual connections or fewer layers."
        ), {"kernel_initializer": initializer}
    if flow.is_bounded and (flow.n_hidden < DEEP or has_norm):
        return (
            "Use ReLU: its slope is 1 wherever a unit is active. If that is not "
            "enough, try batch normalisation, residual connections or fewer layers."
        ), {"activation": "relu"}
    if flow.parameters["activation"] in ("relu", "sigmoid", "tanh"):
        return (
            "Use ELU: its slope is 1 where a unit is active and above 0 where it is "
            "not, so gradients pass even through many narrow layers. If that is not "
            "enough, try batch normalisation, residual connections or fewer layers."
        ), {"activation": "elu"}
    if not has_norm:
        return (
            "Use batch normalisation: it keeps signals at the same size from layer to "
            "layer. If that is not enough, try residual connections or fewer layers."
        ), {"batch_norm": True}
    if flow.can_add():
        return (
            "Use residual connections: they carry gradients past layers unchanged. If "
            "that is not enough, use fewer layers."
        ), {"residual": True}
    if len(flow.widths) > 2:
        return "Use fewer layers.", {"hidden_layer_sizes": flow.widths[:2]}
    return "Scale the features (StandardScaler).", {}


def find_small_updates(flow: Flow) -> Finding | None:
    """Steps so small that the weights hardly move."""
    ratios = flow.epochs["update_ratio"]
    is_cut = largest(flow.end["dead_share"]) >= DEAD_LAYER
    if flow.has_diverged or is_cut or not len(ratios):
        return None  # no learning rate moves a dead layer
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
        f"Even in the layer that changed most, all steps together add up to only "
        f"{change:.2g} times the norm of the weights: the network is almost the one "
        "it started as.",
        "Raise the learning rate. If that is not enough, train for more epochs.",
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
        "gradients reach all layers, and the units are active",
        {
            "smallest_to_largest": float(flow.vanishing[-1]),
            "update_ratio": ratio,
            "dead_share_of_worst_layer": largest(flow.end["dead_share"]),
            "saturated_share_of_worst_layer": largest(flow.end["saturated_share"]),
        },
        f"In the last epoch the smallest gradient norm of a layer was "
        f"{flow.vanishing[-1]:.2g} times the largest, and a step changed the weights "
        f"by {ratio:.1g} of their norm (median over the layers).",
        "The gradients give no reason to change anything.",
    )
