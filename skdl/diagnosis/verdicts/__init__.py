"""Verdicts on a training run: findings from its learning curves and its rows.

``_diagnose.py`` has `diagnose` and its record. ``_rules.py`` is the table of verdicts,
most urgent first; each rule is a function in a ``_rules_of_*.py`` file. A rule reads a
`RuleInput` (``_rule_input.py``): measures of the curves (``_measures.py``), evidence
from the rows (``_evidence.py``, ``_leakage.py``, ``_scales.py``), how the network was
trained (``_facts.py``) and the loss it must beat (``_baselines.py``).
"""

from skdl.diagnosis.verdicts._diagnose import Diagnosis, diagnose

__all__ = ["Diagnosis", "diagnose"]
