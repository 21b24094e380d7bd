"""Probes: what training does to each layer of a network, recorded by its program.

=================  =====================================================================
``layers.py``      which layers of a network can be probed
``measures.py``    the values of a layer: norms, and statistics of its units
``program.py``     the training loop that records them; other jobs pay nothing
``endings.py``     the activations of a trained network on all its rows
``requests.py``    asking for probes from outside the code that fits
=================  =====================================================================
"""

__all__: list[str] = []
