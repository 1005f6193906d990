"""SVHN's cropped digits as released: `train_32x32.mat`, `test_32x32.mat`, `extra_32x32.mat`.

Source: Netzer et al. 2011, "Reading Digits in Natural Images with Unsupervised Feature Learning", format 2:
X (32, 32, 3, n) uint8 RGB, y (n, 1) with 10 for the digit 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray, Ints
from xview.data import mat5
from xview.data.files import FileKind, kind_of
from xview.data.stored import StoredArray
from xview.data.vectors import as_labels
from xview.errors import DataError


@dataclass(frozen=True, slots=True)
class SvhnFile:
    """One cropped-digit file; its pictures are read by `load`."""

    path: Path
    count: int
    pixels: StoredArray
    classes: StoredArray

    @property
    def prefix(self) -> str:
        """The part of the data by its name: train, test or extra."""
        return self.path.stem.split("_")[0].lower()

    def load(self) -> AnyArray:
        """(n, 32, 32, 3) uint8 RGB; one picture's values lie together."""
        return np.moveaxis(self.pixels.load(), -1, 0)

    def labels(self) -> Ints:
        """(n,) int64 digit 0 to 9.

        Raises:
            DataError: The file is damaged, or a label is no digit.
        """
        labels = as_labels(self.classes.load(), self.path)
        if labels.dtype.kind != "i" or labels.min() < 0 or labels.max() > 10:
            raise DataError(f"{self.path}: y holds other values than the digits 1 to 10")
        return np.where(labels == 10, 0, labels)


def is_svhn(path: Path) -> bool:
    """Whether the file is MATLAB v5 with a stack of RGB pictures called X and labels called y."""
    return kind_of(path) is FileKind.MAT5 and _find(path) is not None


def open_svhn(path: Path) -> SvhnFile:
    """Read the headers.

    Raises:
        DataError: Damaged, or X and y disagree in their number.
    """
    found = _find(path)
    if found is None:
        raise DataError(
            f"{path}: holds no X (height, width, 3, n) with y (n, 1), as SVHN's cropped digits do"
        )
    pixels, classes = found
    count = pixels.shape[-1]
    if max(classes.shape) != count:
        raise DataError(f"{path}: X holds {count} pictures but y {max(classes.shape)} labels")
    return SvhnFile(path, count, pixels, classes)


def _find(path: Path) -> tuple[StoredArray, StoredArray] | None:
    arrays = {array.name: array for array in mat5.arrays_of(path)}
    pixels, classes = arrays.get("X"), arrays.get("y")
    if pixels is None or classes is None or len(pixels.shape) != 4:
        return None
    fits = pixels.kind == "u" and pixels.shape[2] == 3 and 0 not in pixels.shape
    return (pixels, classes) if fits else None
