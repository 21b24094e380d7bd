"""Why single rows get their predictions, and what would change them."""

from skdl.explain.local._attribution_records import Attributions, GroupAttributions
from skdl.explain.local._attributions import attributions
from skdl.explain.local._counterfactual import counterfactual
from skdl.explain.local._counterfactual_record import Counterfactual

__all__ = [
    "Attributions",
    "Counterfactual",
    "GroupAttributions",
    "attributions",
    "counterfactual",
]
