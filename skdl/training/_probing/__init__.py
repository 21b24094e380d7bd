"""Probes: what a training did to each layer of a network, recorded in its graph.

=================  =====================================================================
``layers.py``      which layers of a network can be looked at
``measures.py``    the numbers of a layer: norms, and what its units do
``program.py``     the training loop that records them; others pay nothing
``endings.py``     what the units of a trained network do on all its rows
``requests.py``    asking for probes from outside of the code that fits
=================  =====================================================================
"""

from skdl.training._probing.layers import QUANTITIES, ProbedLayer
from skdl.training._probing.requests import Recording, probed

__all__ = ["QUANTITIES", "ProbedLayer", "Recording", "probed"]
