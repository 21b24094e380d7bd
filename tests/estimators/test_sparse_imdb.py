"""25,000 reviews as a sparse table of 10,000 words train within 1.5 GB."""

import json
import sys

import pytest

GIGABYTE = 1e9
TRAIN_AND_PRINT = """
import json
import sys
from pathlib import Path

import numpy as np
from scipy import sparse
from skdl import MLPClassifier

N_WORDS = 10_000


def multi_hot(tokens, offsets):
    values = np.ones(len(tokens), dtype=np.float32)
    table = sparse.csr_matrix(
        (values, tokens.astype(np.int32), offsets), (len(offsets) - 1, N_WORDS)
    )
    table.sum_duplicates()
    table.data[:] = 1
    return table


with np.load(sys.argv[1]) as data:
    train, test = (
        (multi_hot(data[f"tokens_{part}"], data[f"offsets_{part}"]), data[f"y_{part}"])
        for part in ("train", "test")
    )


def peak_bytes():
    # Not ru_maxrss: a child process starts with its parent's.
    status = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in status if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


model = MLPClassifier((4,), batch_size=512, epochs=3, random_state=0).fit(*train)
print(
    json.dumps(
        {
            "shape": train[0].shape,
            "dtype": str(model.predict_proba(test[0][:1]).dtype),
            "accuracy": model.score(*test),
            "peak_bytes": peak_bytes(),
        }
    )
)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from procfs")
def test_reviews_train_in_little_memory(data_file, in_new_process):
    printed = in_new_process(TRAIN_AND_PRINT, data_file("imdb_seq10k.npz"))

    found = json.loads(printed.splitlines()[-1])
    assert found["shape"] == [25_000, 10_000]
    assert found["dtype"] == "float32"
    assert found["accuracy"] > 0.8
    assert found["peak_bytes"] < 1.5 * GIGABYTE
