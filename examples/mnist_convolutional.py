"""Train a convolutional network on MNIST until it reads 99 % of the test digits.

    python examples/mnist_convolutional.py --data FOLDER

The folder holds mnist_train.npz and mnist_test.npz, each with images x of shape
(n, 28, 28) in uint8 and digits y. A tenth of the training images is held out: training
stops when their loss no longer falls, and keeps the best epoch's weights. The test
images are read once, at the end.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported

import numpy as np

from skdl import ConvClassifier

HOME = Path(__file__).resolve().parents[2] / "shared" / "data"


def read_images(path):
    """Read a file -> images, digits."""
    if not path.is_file():
        raise SystemExit(f"The file '{path}' does not exist. Name its folder: --data.")
    with np.load(path) as arrays:
        return arrays["x"], arrays["y"]


def make_network(*, epochs, seed):
    """Make the network; its numbers were chosen by the validation accuracy."""
    return ConvClassifier(
        filters=(32, 64),
        kernel_size=5,
        hidden_layer_sizes=(128,),
        batch_norm=True,
        dropout=0.2,
        augment=True,
        learning_rate=3e-3,
        learning_rate_schedule="cosine",
        batch_size=128,
        epochs=epochs,
        early_stopping=True,
        patience=5,
        random_state=seed,
        verbose=True,
    )


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=HOME, help="folder of the files")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--n-images", type=int, help="train on the first so many")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse_arguments(arguments)
    images, digits = read_images(options.data / "mnist_train.npz")
    images, digits = images[: options.n_images], digits[: options.n_images]
    test_images, test_digits = read_images(options.data / "mnist_test.npz")
    print(f"{len(images):,} training images, {len(test_images):,} test images.")

    started = time.perf_counter()
    network = make_network(epochs=options.epochs, seed=options.seed)
    network.fit(images, digits)
    seconds = time.perf_counter() - started

    columns = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    print(f"\nHistory ({network.status_}):")
    print(network.history_[columns].to_string(index=False, float_format="%.4f"))
    best = network.history_.iloc[network.best_epoch_ - 1]
    accuracy = network.score(test_images, test_digits)
    print(
        f"\nBest epoch: {network.best_epoch_}, validation accuracy "
        f"{best['val_accuracy']:.2%}\nTest accuracy: {accuracy:.2%}\n"
        f"Training took {seconds:.0f} seconds."
    )
    return accuracy


if __name__ == "__main__":
    main()
