"""Time epochs of ConvClassifier on MNIST against `keras.Model.fit` on the same network.

Run it from the repository root (about half an hour on 2 cores)::

    python benchmarks/convolution.py [--quick] [--data FOLDER] [--json FILE]

**The job**: 60,000 images of 28 x 28 pixels in uint8, scaled in the network; two blocks
of 3 x 3 convolution (32 and 64 maps), ReLU and max pooling, a dense layer of 64, Adam
at 1e-3, batches of 128, shuffled; "plain", with batch norm before each activation, with
dropout of 0.2 behind blocks and dense layer, with both, and with both and windows of
5 x 5.

**The two libraries** train in turn, an epoch each, in one process per network, on the
CPU, with the threads they take by default. Keras trains the plain model that
`ConvClassifier.model_` gives, compiled once; its images are a NumPy array of uint8.
skdl's epoch is a `partial_fit`, with all that it checks, hashes and copies: the most
that an epoch of a longer fit costs. A first epoch of each, which traces and compiles,
is not counted.

**The measures**: median seconds per epoch, and the ratio Keras / skdl within each turn,
its median and range. "Augmented" is skdl with ``augment=True`` over skdl without.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from workers.convolution_worker import NETWORKS, Measures

ROOT = Path(__file__).resolve().parents[1]
WORKER = ROOT / "benchmarks" / "workers" / "convolution_worker.py"
DATA = Path(os.environ.get("SKDL_DATA") or ROOT.parent / "shared" / "data")
PACKAGES = ("tensorflow", "keras", "scikit-learn", "numpy")


def measure_apart(network: str, n_images: int, n_epochs: int, data: Path) -> Measures:
    """Measure a network in a fresh process."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, str(WORKER), network, str(n_images), str(n_epochs), str(data)],
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{network} failed:\n{done.stderr}")
    return Measures(**json.loads(done.stdout.splitlines()[-1]))


def ratios(first: list[float], second: list[float]) -> str:
    """Write the ratio of two measures: the median over turns, and the range."""
    each = [a / b for a, b in zip(first, second, strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


def row(network: str, found: Measures) -> str:
    """Write a line of the table."""
    return (
        f"| {network} | {found.n_parameters:,} "
        f"| {statistics.median(found.skdl):.1f} "
        f"| {statistics.median(found.keras):.1f} "
        f"| {ratios(found.keras, found.skdl)} "
        f"| {ratios(found.augmented, found.skdl)} "
        f"| {found.skdl_loss:.4f} | {found.keras_loss:.4f} "
        f"| {found.peak_megabytes:.0f} |"
    )


def main() -> None:
    """Measure each network and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test: two minutes"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder of MNIST")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="also write all measures"
    )
    options = parser.parse_args()
    if not (options.data / "mnist_train.npz").is_file():
        print(f"Skipped: there is no mnist_train.npz in '{options.data}'.")
        return
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    n_images, n_epochs = (4000, 2) if options.quick else (60_000, 5)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    print(
        f"{datetime.date.today()}, {os.cpu_count()} cores, load before {load}, "
        f"{n_images:,} images, turns: {n_epochs}\n"
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )
    if options.quick:
        print("A smoke test on few images, whose figures are not to be quoted.")
    print(
        "\n| network | parameters | skdl, s | Keras, s | Keras / skdl | augmented "
        "| skdl loss | Keras loss | peak, MB |\n|---|" + "--:|" * 8
    )
    results = {}
    for network in NETWORKS:
        results[network] = measure_apart(network, n_images, n_epochs, options.data)
        print(row(network, results[network]), flush=True)
    if options.json:
        written = {name: vars(found) for name, found in results.items()}
        options.json.write_text(json.dumps(written, indent=1))


if __name__ == "__main__":
    main()
