"""How large a network.

===============  =======================================================================
``capacity.py``  a network grown until its score stops improving
``growth.py``    in what order sizes are visited, and the next step in words
===============  =======================================================================
"""

from skdl.diagnosis.experiments.sizes.capacity import CapacitySearch, capacity_search

__all__ = ["CapacitySearch", "capacity_search"]
