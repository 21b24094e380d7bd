"""What the curves of a training say: rules, their evidence, and remedies.

=========================  =============================================================
``diagnosing.py``          `diagnose` and its record
``rules.py``               the table of verdicts, in the order of urgency
``rules_of_data.py``       verdicts on the rows
``rules_of_training.py``   verdicts on rates, capacity and when training was stopped
``case.py``                what a rule judges, and what it says
``measures.py``            numbers read off the curves
``losses.py``              what a network minimises, row by row
``judged_rows.py``         the rows, and how wrong the estimator is about each
``copies.py``              copies across the split, and which of them chance made
``evidence.py``            shifts, errors of means, and what is left to learn
``baselines.py``           what a network must beat
``facts.py``               what is known of how a network was trained
=========================  =============================================================
"""

from skdl.diagnosis.verdicts._diagnose import Diagnosis, diagnose

__all__ = ["Diagnosis", "diagnose"]
