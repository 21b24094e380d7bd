"""Predictions for many changed copies of rows, in few calls and bounded memory."""

__all__: list[str] = []
