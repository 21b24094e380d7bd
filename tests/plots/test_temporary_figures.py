"""Figures that close when they are no longer needed."""

import matplotlib.pyplot as plt

from skdl.plots import temporary_figures


def test_other_figures_stay_open():
    kept = plt.figure()
    with temporary_figures():
        plt.figure()

    assert plt.get_fignums() == [kept.number]
