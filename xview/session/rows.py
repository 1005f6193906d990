"""`Rows`: which items of one modality, as a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from xview.arrays import AnyArray


class Rows(Sequence[int]):
    """Distinct rows, ascending: immutable, compared and hashed by value.

    Four bytes a row, so that a lasso over a million points, and the undo that remembers it, stay small.

    Args:
        rows: (k,) whole numbers in any order, twice or once; each within int32.
    """

    __slots__ = ("array",)

    array: npt.NDArray[np.int32]  # (k,) read-only

    def __init__(self, rows: AnyArray | Sequence[int] = ()) -> None:
        whole = np.asarray(rows, dtype=np.int64)
        if not (whole[1:] > whole[:-1]).all():
            whole = np.sort(whole, kind="stable")  # linear where parts of it are in order already
            whole = whole[np.concatenate([[True], whole[1:] > whole[:-1]])]
        if whole.size and max(-whole[0], whole[-1]) > np.iinfo(np.int32).max:
            raise ValueError("a row is beyond any data")
        array = whole.astype(np.int32)
        array.flags.writeable = False
        object.__setattr__(self, "array", array)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Rows cannot change")

    def __or__(self, other: Rows) -> Rows:
        return Rows(np.concatenate([self.array, other.array]))

    def __sub__(self, other: Rows) -> Rows:
        return Rows(self.array[~np.isin(self.array, other.array, assume_unique=True)])

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Rows: ...
    def __getitem__(self, place: int | slice) -> int | Rows:
        return Rows(self.array[place]) if isinstance(place, slice) else int(self.array[place])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.array, dtype) if copy else np.asarray(self.array, dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rows):
            return NotImplemented
        return self is other or np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash(self.array.tobytes())

    def __reduce__(self) -> tuple[type[Rows], tuple[npt.NDArray[np.int32]]]:
        return Rows, (self.array,)

    def __repr__(self) -> str:
        return f"Rows({np.array2string(self.array, threshold=20, separator=', ')})"
