"""Banks and lanes follow the machine: its memory and cores, with or without a GPU."""

from skdl.training import memory_bound
from skdl.training._backend import device
from skdl.training._bank import sizing


def test_one_lane_on_a_gpu(gpu):
    assert sizing.step_cost().n_lanes == 1


def test_memory_of_this_machine():
    assert not device.has_gpu()
    assert 0 < memory_bound(None) < device.free_memory()
    assert sizing.step_cost().n_lanes == device.n_cores() >= 1
