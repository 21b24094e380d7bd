"""What an estimator says as features change, alone and together.

==========================  ============================================================
``dependence.py``           the average prediction as features change
``dependence_grid.py``      the points of a partial dependence
``accumulated_effects.py``  the same, asked only near the rows
``feature_axes.py``         the points along a feature: edges of intervals, or levels
``level_order.py``          levels in an order, by how alike the other features are
``local_effects.py``        local effects added up along features
``interactions.py``         how much of an answer features make only together
==========================  ============================================================
"""

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
