"""Why an estimator says what it says about single rows.

============================  ==========================================================
``attribution.py``            what each feature adds to the predictions of single rows
``attribution_records.py``    the records of attributions, of rows and of groups
``shapley.py``                Shapley values by shap, all rows in few calls
``gradients.py``              integrated gradients; only this file needs TensorFlow
``networks.py``               skdl's networks at the end of an estimator
``counterfactuals.py``        a small change of a row that changes its prediction
``counterfactual_record.py``  its record
``counterfactual_rows.py``    the cells that a changed row may be made of
``counterfactual_search.py``  the search for a small change of a row that reaches a goal
``goals.py``                  what a changed row is to be predicted as
``distances.py``              how far rows are apart, whatever they hold
============================  ==========================================================
"""

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
