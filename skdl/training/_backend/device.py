"""The machine: processor cores, GPU, free memory."""

from __future__ import annotations

import os

import joblib
import tensorflow as tf

from skdl._compat.tensorflow import device_memory


def has_gpu() -> bool:
    """Return whether programs run on a GPU."""
    return bool(tf.config.list_logical_devices("GPU"))


def n_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return joblib.cpu_count()


def free_memory() -> int:
    """Return the free memory of the device."""
    if has_gpu():
        device = tf.config.list_logical_devices("GPU")[0].name
        taken = tf.config.experimental.get_memory_info(device)["current"]
        return device_memory() - taken
    try:
        with open("/proc/meminfo") as file:
            numbers = dict(line.split(":") for line in file)
        return int(numbers["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
