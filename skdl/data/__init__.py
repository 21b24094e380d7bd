"""From tables to arrays: targets, weights, validation splits, row plans.

Nothing here knows Keras or an estimator. `Samples` is the record that the floors above
pass on; every other module makes one part of it.

- Targets: `ClassTargets` and `RegressionTargets` fulfil the contract `Targets`.
- Weights: `class_weights`, `label_weights`, `refuse_zero_weights`.
- Rows: `row_keys` identify rows by their content, `hold_out` chooses validation rows,
  `bootstrap_rows` resamples, `tables_of` lists the tables that hold the rows.
- What programs need: `row_capacity` pads tables to a few sizes, `batch_plan` assigns
  rows to steps, padded with `PADDING`.
- Random numbers: `as_random_state`, and `mix`, which turns a number into a random one.
"""

from skdl.data._as_random_state import as_random_state
from skdl.data._batch_plan import PADDING, batch_plan
from skdl.data._bootstrap_interval import bootstrap_interval
from skdl.data._bootstrap_rows import bootstrap_rows
from skdl.data._class_targets import ClassTargets
from skdl.data._class_weights import class_weights
from skdl.data._hold_out import hold_out
from skdl.data._label_weights import label_weights
from skdl.data._mix import mix
from skdl.data._percentile_interval import percentile_interval
from skdl.data._refuse_zero_weights import refuse_zero_weights
from skdl.data._regression_targets import RegressionTargets
from skdl.data._row_capacity import row_capacity
from skdl.data._row_keys import row_keys
from skdl.data._row_losses import row_losses
from skdl.data._samples import Samples
from skdl.data._score_name import score_name
from skdl.data._tables_of import tables_of
from skdl.data._targets import Targets

__all__ = [
    "PADDING",
    "ClassTargets",
    "RegressionTargets",
    "Samples",
    "Targets",
    "as_random_state",
    "batch_plan",
    "bootstrap_interval",
    "bootstrap_rows",
    "class_weights",
    "hold_out",
    "label_weights",
    "mix",
    "percentile_interval",
    "refuse_zero_weights",
    "row_capacity",
    "row_keys",
    "row_losses",
    "score_name",
    "tables_of",
]
