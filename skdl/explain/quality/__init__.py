"""How good an explanation is: measured, with intervals.

==========================  ====================================================
``assessment.py``           the function: all measures of one explanation
``measures.py``             the record, and one measure of it
``aspects.py``              from a question to the measures of each aspect
``curves.py``               fidelity: what features in order of importance carry
``stability.py``            the same explanation after small changes of the rows
``consistency.py``          the same explanation of models of other seeds
==========================  ====================================================
"""

from skdl.explain.quality._explanation_quality import explanation_quality
from skdl.explain.quality._measures import ExplanationQuality, Measure

__all__ = ["ExplanationQuality", "Measure", "explanation_quality"]
