"""How gradients flow through a network, layer by layer.

``_gradient_flow.py`` trains a network and records its layers, ``_evidence.py`` holds
the input of the rules, and ``_rules.py`` turns the numbers into findings.
"""

from skdl.diagnosis.flow._gradient_flow import GradientFlow, gradient_flow

__all__ = ["GradientFlow", "gradient_flow"]
