"""How predictions change as features change, alone and together."""

from skdl.explain.effects._accumulated_local_effects import (
    AccumulatedLocalEffects,
    accumulated_local_effects,
)
from skdl.explain.effects._interaction_strength import (
    InteractionStrength,
    interaction_strength,
)
from skdl.explain.effects._partial_dependence import (
    PartialDependence,
    partial_dependence,
)

__all__ = [
    "AccumulatedLocalEffects",
    "InteractionStrength",
    "PartialDependence",
    "accumulated_local_effects",
    "interaction_strength",
    "partial_dependence",
]
