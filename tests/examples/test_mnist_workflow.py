"""The notes' work on handwritten digits, on few images and epochs."""

import importlib.util
import re

import numpy as np
import pytest


@pytest.fixture
def example(root):
    path = root / "examples" / "mnist_workflow.py"
    spec = importlib.util.spec_from_file_location("mnist_workflow", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_baselines_find_what_the_notes_found(example, data_dir):
    images, y = example.read_digits(data_dir, "train")
    test_images, y_test = example.read_digits(data_dir, "test")
    flat, flat_test = (part.reshape(len(part), -1) for part in (images, test_images))

    table = example.baselines(flat, y, flat_test, y_test)

    assert images.dtype == np.float32
    assert images.max() == 1.0
    found = table["accuracy"]
    assert found["nearest class mean, RMSE"] == pytest.approx(0.8203, abs=1e-4)
    assert found["nearest class mean, MAE"] == pytest.approx(0.6685, abs=1e-4)
    assert found["most frequent digit"] == pytest.approx(0.1135, abs=1e-4)
    assert found["logistic regression"] == pytest.approx(0.904, abs=2e-3)


@pytest.mark.slow
def test_all_experiments_run_and_are_drawn(example, data_dir, tmp_path, capsys):
    curves = tmp_path / "curves.svg"

    example.main(
        f"--data {data_dir} --images 1500 --epochs 4 --n-iter 2 "
        f"--output {curves}".split()
    )

    printed = capsys.readouterr().out
    scores = {
        name: float(re.search(rf"  {re.escape(name)}: (0\.\d+)", printed)[1])
        for name, *_ in example.EXPERIMENTS
    }
    assert min(scores.values()) > 0.6
    best = max(scores, key=scores.get)
    assert f"The best of them, {best}, on the test images: 0." in printed
    assert "2 candidates x 3 folds" in printed
    drawn = curves.read_text(encoding="utf-8")
    assert drawn.count("validation") >= len(example.EXPERIMENTS)


def test_a_folder_without_digits_is_refused(example, tmp_path, capsys):
    with pytest.raises(SystemExit):
        example.main(["--data", str(tmp_path)])

    assert "has no mnist_train.npz" in capsys.readouterr().err
