"""The response of a model, which several explanations are given."""

from skdl._responses import response_of

__all__ = ["response_of"]
