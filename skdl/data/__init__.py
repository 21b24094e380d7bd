"""Tables in, arrays out: targets, weights, validation splits, batch plans.

Nothing here knows of Keras or of an estimator. `samples` holds the record that the
floors above pass around; every other module makes one part of it.
"""

from skdl.data._as_random_state import as_random_state
from skdl.data._batch_plan import batch_plan, row_capacity
from skdl.data._bootstrap_rows import bootstrap_rows
from skdl.data._class_targets import ClassTargets
from skdl.data._hold_out import hold_out
from skdl.data._intervals import bootstrap_interval, percentile_interval
from skdl.data._losses import row_losses
from skdl.data._nearest_names import nearest_names
from skdl.data._regression_targets import RegressionTargets
from skdl.data._row_keys import row_keys
from skdl.data._samples import Samples
from skdl.data._score_name import score_name
from skdl.data._targets import Targets

__all__ = [
    "ClassTargets",
    "RegressionTargets",
    "Samples",
    "Targets",
    "as_random_state",
    "batch_plan",
    "bootstrap_interval",
    "bootstrap_rows",
    "hold_out",
    "nearest_names",
    "percentile_interval",
    "row_capacity",
    "row_keys",
    "row_losses",
    "score_name",
]
