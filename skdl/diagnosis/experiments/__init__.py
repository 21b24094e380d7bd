"""Experiments: a network trained many times with other parameters, and compared.

=====================  =================================================================
``capacity.py``        how large a network should be
``fold_parts.py``      rows to train on, to choose by and to test on
``folds.py``           rows in folds, and what a mean over folds is worth
``growth.py``          the way from small networks to large ones
``losses.py``          what a trained network is worth on some rows
``regularisation.py``  which regularisation helps a network
``regularisers.py``    the kinds of regularisation, and their strengths
``subject.py``         the network and its rows, and how its variants train together
=====================  =================================================================
"""

from skdl.diagnosis.experiments.capacity import CapacitySearch, capacity_search
from skdl.diagnosis.experiments.regularisation import (
    RegularisationComparison,
    compare_regularisation,
)

__all__ = [
    "CapacitySearch",
    "RegularisationComparison",
    "capacity_search",
    "compare_regularisation",
]
