"""Readable models fitted to an estimator's predictions."""

from skdl.explain.surrogates._surrogate import Surrogate, surrogate

__all__ = [
    "Surrogate",
    "surrogate",
]
