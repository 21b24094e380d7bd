"""How good an explanation is: measures with intervals."""

from skdl.explain.quality._explanation_quality import explanation_quality
from skdl.explain.quality._measures import ExplanationQuality, Measure

__all__ = ["ExplanationQuality", "Measure", "explanation_quality"]
