"""How gradients flow through a network, layer by layer.

================  ======================================================================
``evidence.py``   what the rules look at
``findings.py``   rules: what the numbers of the layers say, and what to try
``measuring.py``  `gradient_flow`: a network is trained, and looked at meanwhile
``records.py``    what was seen, and the table of it
================  ======================================================================
"""

from skdl.diagnosis.flow._gradient_flow import GradientFlow, gradient_flow

__all__ = ["GradientFlow", "gradient_flow"]
