"""The MNIST run, on few images and one epoch."""

import importlib.util

import pytest


@pytest.fixture
def example(root):
    path = root / "examples" / "mnist_convolutional.py"
    spec = importlib.util.spec_from_file_location("mnist_convolutional", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_few_images(example, data_file, capsys):
    folder = data_file("mnist_test.npz").parent

    accuracy = example.main(
        ["--data", str(folder), "--epochs", "2", "--n-images", "600"]
    )

    assert 0.1 < accuracy < 1
    printed = capsys.readouterr().out
    assert "600 training images, 10,000 test images." in printed
    assert "History (finished all epochs):" in printed
    assert f"Test accuracy: {accuracy:.2%}" in printed


def test_a_missing_file_is_named(example, tmp_path):
    with pytest.raises(SystemExit, match=r"mnist_train\.npz' does not exist"):
        example.main(["--data", str(tmp_path)])
