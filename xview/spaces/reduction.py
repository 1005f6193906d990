"""Principal components: the few directions of an encoder's features that a data set needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from scipy import linalg

from xview.arrays import AnyArray, Floats
from xview.errors import DataError, SpaceError


@dataclass(frozen=True, eq=False)
class Reduction:
    """Centre, then project: z = (v - mean) components^T.

    Attributes:
        mean: (D,) float32.
        components: (d, D) float32 orthonormal rows, largest variance first.
    """

    mean: Floats
    components: Floats

    def apply(self, vectors: AnyArray) -> Floats:
        """(n, D) -> (n, d) float32.

        Raises:
            SpaceError: The vectors' width is not D.
        """
        if vectors.ndim != 2 or vectors.shape[1] != len(self.mean):
            raise SpaceError(f"vectors are {vectors.shape}, the reduction takes (n, {len(self.mean)})")
        return np.asarray((vectors - self.mean) @ self.components.T, dtype=np.float32)


def fit_reduction(vectors: AnyArray, dimension: int) -> Reduction:
    """The first `dimension` principal components of (n, D) vectors, fewer where they have fewer."""
    wide = np.asarray(vectors, dtype=np.float64)
    mean = wide.mean(axis=0)
    _, _, components = linalg.svd(wide - mean, full_matrices=False)
    return Reduction(np.asarray(mean, dtype=np.float32), np.asarray(components[:dimension], dtype=np.float32))


def save_reduction(reduction: Reduction, path: Path) -> None:
    """Write a safetensors file, whole or not at all; components in half precision."""
    partial = path.with_name(path.name + ".partial")
    # C order is asked for: safetensors writes the bytes of a Fortran-ordered array as if they were in C order
    components = np.ascontiguousarray(reduction.components, dtype=np.float16)
    partial.write_bytes(save({"mean": reduction.mean, "components": components}))
    partial.replace(path)


def load_reduction(path: Path) -> Reduction:
    """Read what `save_reduction` wrote.

    Raises:
        DataError: Missing, damaged, or no reduction.
    """
    try:
        arrays = load_file(path)
        mean, components = arrays["mean"], arrays["components"]
    except (OSError, SafetensorError, KeyError) as error:
        raise DataError(f"{path}: no reduction ({error}); encode the data again") from error
    if components.ndim != 2 or mean.shape != components.shape[1:]:
        raise DataError(f"{path}: mean {mean.shape} and components {components.shape} do not fit together")
    return Reduction(mean.astype(np.float32), components.astype(np.float32))
