"""What fills the sections of a report, one module per topic.

``add_...`` functions compute what a section of `explain_report` needs and add it;
``show_...`` functions only add a record that has been computed, which `record_report`
uses too. Tables go through :func:`skdl.reports._sections.frames.add_frame`.

=====================  =======================================================
``scores``             scores, errors, calibration, the worst groups
``comparisons``        several models on the same test rows
``data``               features, their kinds and values
``importance``         which features the model relies on
``effects``            partial dependence and accumulated local effects
``trust``              interactions, surrogates, quality of an explanation
``rows``               attributions and counterfactuals of single rows
``networks``           layers and training
``searches``           candidates and parameters of a search
``experiments``        diagnoses and experiments of `skdl.diagnosis`
=====================  =======================================================
"""

__all__: list[str] = []
