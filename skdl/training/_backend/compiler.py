"""Tracing and compiling functions of tensors, once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from skdl.training._backend.tensorflow import SparseRows


def uses_xla() -> bool:
    """Whether XLA may compile programs: always, but in tests that need not wait."""
    return os.environ.get("SKDL_XLA", "1") != "0"


def any_of_shape(shape: Sequence[int | None], dtype: str) -> Any:
    """Describe a tensor that a compiled function takes; None is any length."""
    return tf.TensorSpec(shape, dtype)


def compile_program(
    function: Callable, *, fuses: bool, takes: tuple | None = None
) -> Callable:
    """Compile a function of tensors."""
    fuses = fuses and uses_xla()
    traced: list[Callable] = []
    lock = threading.Lock()  # the first threads share one trace

    def trace(is_fused: bool, arguments: tuple) -> Callable:
        described = takes or tuple(map(_describe, arguments))
        traceable = tf.function(function, jit_compile=is_fused, autograph=False)
        return traceable.get_concrete_function(*described)

    def run_first(arguments: tuple) -> Any:
        traced.append(trace(fuses, arguments))
        try:
            return traced[0](*arguments)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            if not fuses:
                raise
            traced[0] = trace(False, arguments)  # XLA lacks an operation
            return traced[0](*arguments)

    def run(*arguments: Any) -> Any:
        if not traced:
            with lock:
                if not traced:
                    return run_first(arguments)
        return traced[0](*arguments)

    return run


def _describe(argument: Any) -> Any:
    """Shapes of an argument; a sparse table may store any number of values."""
    if isinstance(argument, SparseRows):
        return SparseRows(*(tf.TensorSpec([None], part.dtype) for part in argument))
    if isinstance(argument, tuple):
        parts = map(_describe, argument)
        is_named = hasattr(argument, "_fields")
        return type(argument)(*parts) if is_named else tuple(parts)
    return tf.TensorSpec(argument.shape, argument.dtype)
