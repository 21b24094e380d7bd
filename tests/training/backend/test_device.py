"""The machine: its memory and cores, with a fake GPU where there is none."""

from skdl.training import memory_bound
from skdl.training._backend import device


def test_memory_is_that_of_the_gpu(gpu):
    assert device.free_memory() == 6_000_000
    assert memory_bound(None) == 1_500_000
    assert memory_bound(7) == 7
