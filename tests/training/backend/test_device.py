"""The machine: its memory and cores, with a fake GPU where there is none."""

from types import SimpleNamespace

import pytest

from skdl._compat import tensorflow as compat
from skdl.training import memory_bound
from skdl.training._backend import device
from skdl.training._bank import sizing


@pytest.fixture
def gpu(monkeypatch):
    """A fake GPU with 10 MB, of which 4 are in use."""
    config = device.tf.config
    found = [SimpleNamespace(name="/device:GPU:0")]
    monkeypatch.setattr(config, "list_logical_devices", lambda kind: found)
    limits = [SimpleNamespace(memory_limit=n) for n in (1_000_000, 10_000_000)]
    monkeypatch.setattr(compat.device_lib, "list_local_devices", lambda: limits)
    taken = {"current": 4_000_000, "peak": 9_000_000}
    monkeypatch.setattr(config.experimental, "get_memory_info", lambda name: taken)


def test_memory_is_that_of_the_gpu(gpu):
    assert device.free_memory() == 6_000_000
    assert memory_bound(None) == 1_500_000
    assert memory_bound(7) == 7


def test_one_lane_on_a_gpu(gpu):
    assert sizing.step_cost().n_lanes == 1


def test_memory_of_this_machine():
    assert not device.has_gpu()
    assert 0 < memory_bound(None) < device.free_memory()
    assert sizing.step_cost().n_lanes == device.n_cores() >= 1
