"""Models that can be read, fitted to what another one says.

=======================  ===============================================================
``fitting.py``           the function and its record
``models.py``            the models that surrogates are, and what they say as tables
``rules.py``             a regression tree as conditions in the user's terms
``readable_columns.py``  rows as numbers whose columns can be said in words
``agreement.py``         how closely one answer about rows follows another
=======================  ===============================================================
"""

from skdl.explain.surrogates._surrogate import Surrogate, surrogate

__all__ = [
    "Surrogate",
    "surrogate",
]
