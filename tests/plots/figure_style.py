"""The colours and the words of figures, by which tests know what is drawn."""

from skdl.plots._style import BLUE, GREEN, VERMILLION, finish, label
from skdl.plots._verdict import COLOURS

__all__ = ["BLUE", "COLOURS", "GREEN", "VERMILLION", "finish", "label"]
