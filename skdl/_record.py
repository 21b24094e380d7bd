"""What every result has in common: a frozen record that can be shown and kept.

A record is a frozen dataclass that derives from :class:`Record`. It gives its numbers
as a table (``to_frame``), as plain Python values for JSON (``to_dict``), and shows
itself in a console and in a notebook, under its one line of text where it has one. It
computes nothing that its function has not computed.
"""

from __future__ import annotations

import dataclasses
import html
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

MOST_ROWS_SHOWN = 20


class Record(ABC):
    """Base of records; each is a frozen dataclass."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a table.

        Returns
        -------
        frame : DataFrame
            One row per thing that is told of, with named columns.
        """

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain Python values, ready for JSON.

        Returns
        -------
        values : dict
            The fields by name: arrays as nested lists, tables as a list of one dict
            per row, numbers that are not finite as None. "record" is the name of the
            class.
        """
        values = {
            field.name: plain(getattr(self, field.name))
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
        }
        return {"record": type(self).__name__, **values}

    def __repr__(self) -> str:
        """Show it in a console: its line of text, and its numbers as a table."""
        shown, rest = self._rows_shown()
        table = shown.to_string(index=False) if len(shown) else ""
        return "\n".join(filter(None, (self._title(), table, rest)))

    def _repr_html_(self) -> str:
        shown, rest = self._rows_shown()
        rest = f"<p>{rest}</p>" if rest else ""
        title = html.escape(self._title())
        return f"<p>{title}</p>{shown.to_html(index=False, escape=True)}{rest}"

    def _title(self) -> str:
        has_words = type(self).__str__ is not object.__str__
        return str(self) if has_words else type(self).__name__

    def _rows_shown(self) -> tuple[pd.DataFrame, str]:
        """The first rows of the table, and how many are not among them, in words."""
        frame = self.to_frame()
        more = len(frame) - MOST_ROWS_SHOWN
        rest = f"and {more} more rows" if more > 0 else ""
        return frame.head(MOST_ROWS_SHOWN), rest


def plain(value: Any) -> Any:
    """Turn a value into what JSON can hold.

    >>> import numpy as np
    >>> from skdl._record import plain
    >>> plain({"scores": np.array([0.5, np.nan]), "label": np.str_("a")})
    {'scores': [0.5, None], 'label': 'a'}
    """
    if isinstance(value, Record):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict(orient="records")]
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype in ("M8[ns]", "m8[ns]"):  # which Python's own types cannot hold
            value = value.astype(f"{value.dtype.kind}8[us]")
        return plain(value.tolist())
    if isinstance(value, pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        return [plain(part) for part in value]
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if value is pd.NA or value is pd.NaT else str(value)


class LikeABunch:
    """Reading by keys too, as scikit-learn's results can be.

    A class names the keys in ``_keys``; one whose value is None is absent.
    """

    _keys: ClassVar[tuple[str, ...]] = ()

    def keys(self) -> list[str]:
        """Return the keys that scikit-learn's result has.

        Returns
        -------
        keys : list of str
            Names to be read as ``result[name]``.
        """
        return [key for key in self._keys if getattr(self, key) is not None]

    def values(self) -> list[Any]:
        """Return what is behind the keys.

        Returns
        -------
        values : list of object
            In the order of the keys.
        """
        return [getattr(self, key) for key in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        """Return the keys and what is behind them.

        Returns
        -------
        items : list of (str, object)
            In the order of the keys.
        """
        return list(zip(self.keys(), self.values(), strict=True))

    def get(self, key: str, default: Any = None) -> Any:
        """Return what is behind a key.

        Parameters
        ----------
        key : str
            The key.
        default : object, default=None
            Returned where the key is absent.

        Returns
        -------
        value : object
            As ``result[key]``.
        """
        return dict(self.items()).get(key, default)

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(key)
        return getattr(self, key)

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())
