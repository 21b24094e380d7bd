"""A signature compiles once, whatever the number of fits and epochs per call."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xla

SCRIPT = """
import contextlib, io
import numpy as np
from skdl import MLPClassifier

X = np.random.default_rng(0).normal(size=(90, 3))
y = X[:, 0] > 0
with contextlib.redirect_stdout(io.StringIO()):
    MLPClassifier((4,), epochs=5, verbose=True).fit(X, y)
MLPClassifier((4,), epochs=200, learning_rate=0.1).fit(X[:85], y[:85])
"""


def test_single_epochs_and_many_epochs_share_an_executable():
    # TensorFlow itself tells of each executable that it compiles.
    environment = {
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "0",
        "TF_CPP_VMODULE": "device_compiler=2",
    }
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stderr
    assert process.stderr.count("Compilation of XLA executable time") == 1
