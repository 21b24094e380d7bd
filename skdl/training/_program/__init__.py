"""Programs: what the jobs of one signature compile to.

A `Program` is a pure function. It takes states, settings, tables of rows and a row
plan; it returns new states and a row of history per epoch. The loops over epochs and
steps run inside, on the device. Everything that jobs of a signature may differ in is an
argument, so a second job traces nothing.

=====================  =================================================================
``state.py``           the nested tuples of tensors that a program takes and returns
``layout.py``          how it carries weights: those of a small network as one vector
``pure_network.py``    a Keras model as a function of its weights
``optimizers.py``      Keras optimizers as functions of weights, state and gradients
``schedules.py``       learning rates over time
``early_stopping.py``  the end of an epoch: best weights, lower learning rate, stop
``program.py``         the loops
``cache.py``           the bounded cache of programs
=====================  =================================================================
"""

__all__: list[str] = []
