"""Tables in, arrays out: targets, weights, validation splits, batch plans.

Nothing here knows of Keras or of an estimator. `samples` holds the record that the
floors above pass around; every other module makes one part of it.
"""

from skdl.data.batches import batch_plan, row_capacity
from skdl.data.class_targets import ClassTargets
from skdl.data.random_states import as_random_state
from skdl.data.regression_targets import RegressionTargets
from skdl.data.resampling import bootstrap_rows
from skdl.data.row_keys import row_keys
from skdl.data.samples import Samples
from skdl.data.splits import hold_out
from skdl.data.targets import Targets

__all__ = [
    "ClassTargets",
    "RegressionTargets",
    "Samples",
    "Targets",
    "as_random_state",
    "batch_plan",
    "bootstrap_rows",
    "hold_out",
    "row_capacity",
    "row_keys",
]
