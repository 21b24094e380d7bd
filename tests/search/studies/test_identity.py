"""What a study was made for: equal where it should be, in every process."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skdl.search._studies.identity import rows_hash, settings_of, text_of

X = np.arange(12.0).reshape(4, 3)
FRAME = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, np.asfortranarray(X)),
        (X, np.vstack([X, X])[:4]),
        (X[::2], X[::2].copy()),
        (sparse.csr_array(X), sparse.csc_array(X)),
        (FRAME, FRAME.copy()),
        (["a", "b"], np.array(["a", "b"])),
        (np.array(["a", "b"], object), np.array(["a", "b"], object)),
    ],
)
def test_equal_rows(one, other):
    assert rows_hash(one, None) == rows_hash(other, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X, X + 1),
        (X, X[::-1]),
        (X, X[:3]),
        (X.tolist(), X[::-1].tolist()),
        (np.array(["a", "b"], object), np.array(["b", "a"], object)),
        (sparse.csr_array(X), sparse.csr_array(2 * X)),
        (FRAME, FRAME.assign(b=["y", "x"])),
        (pd.DataFrame({"a": [[1], [2]]}), pd.DataFrame({"a": [[1], [3]]})),
        (X, None),
    ],
)
def test_other_rows(one, other):
    assert rows_hash(one) != rows_hash(other)


def test_a_map_of_memory_is_its_values(tmp_path):
    file = tmp_path / "x.npy"
    np.save(file, X)
    assert rows_hash(np.load(file, mmap_mode="r")) == rows_hash(X)


def test_what_is_searched_or_of_the_machine_does_not_matter():
    def settings(**changes):
        forest = RandomForestClassifier(**changes)
        return settings_of(make_pipeline(StandardScaler(), forest), searched)

    searched = frozenset({"randomforestclassifier__max_depth"})
    same = settings()
    assert settings(n_jobs=4, verbose=1, max_depth=3) == same
    assert settings(n_estimators=7) != same
    assert same["standardscaler"] == "StandardScaler"
    assert "steps" not in same


def test_a_step_that_is_searched_does_not_matter_with_all_its_parameters():
    def settings(C):
        pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=C))
        return settings_of(pipeline, frozenset({"logisticregression"}))

    assert settings(1.0) == settings(2.0)


PROGRAM = """
import numpy as np
from sklearn.preprocessing import FunctionTransformer
from skdl.search._studies.identity import rows_hash, text_of
def double(x):
    return 2 * x
print(text_of(FunctionTransformer(double)), text_of({"the", "a", "of", "and"}),
      text_of(np.random.RandomState(0)), text_of(np.arange(5000)), text_of(double),
      rows_hash(np.array(["a", "b"], object), ["c"]))
"""


def test_the_same_text_in_every_process(root):
    texts = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONPATH": str(root), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
    (text,) = texts
    assert "0x" not in text
    assert "double" in text


def test_texts():
    assert text_of(len) == "len"
    assert text_of(LogisticRegression) == "LogisticRegression"
    assert text_of((64, 64)) == "(64, 64)"
    assert text_of(CountVectorizer(stop_words=["a"])) == (
        "CountVectorizer(stop_words=['a'])"
    )
    assert text_of(np.arange(2000)) != text_of(np.arange(2000)[::-1])
    assert text_of(FunctionTransformer()) == "FunctionTransformer()"
