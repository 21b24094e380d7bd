"""The error that sends a model to `keras.Model.fit`."""

from __future__ import annotations

from skdl.exceptions import SkdlError


class NotExpressibleError(SkdlError):
    """The engine would not train this model as Keras does; `keras.Model.fit` can.

    The message gives the reason as a clause about the model ("its optimizer ...").
    Estimators catch it, so it never reaches users.
    """
