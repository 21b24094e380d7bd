"""Experiments: a network trained many times with other parameters, and compared.

==============  ========================================================================
``subject.py``  the network and its rows, and how its variants train together
==============  ========================================================================
"""

__all__: list[str] = []
