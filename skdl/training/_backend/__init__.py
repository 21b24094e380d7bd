"""What the engine needs of TensorFlow beyond `keras.ops`.

Most of a program is written in `keras.ops`. The rest is here, in terms of arrays, rows,
members and loops, so that another backend could take its place. (`skdl.networks.keras`
also calls TensorFlow, to seed it, and `skdl._compat.tensorflow` holds its private
parts.)

=================  =====================================================================
``tensorflow.py``  arrays to and from the device, rows of tables, members of a bank
                   side by side, loops
``derivatives.py`` gradients, Hessian-vector products and forward mode
``compiler.py``    tracing and compiling functions of tensors
``device.py``      processor cores, GPU, free memory
=================  =====================================================================
"""

__all__: list[str] = []
