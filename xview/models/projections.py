"""Linear maps of every modality into a shared space: what a system in closed form finds.

The module of such a system defines `solve(config, examples) -> Projections`, as that of any other defines
`build(config, facts) -> Trainable`. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as pack

from xview.arrays import AnyArray, Floats, Ints
from xview.errors import DataError, SpaceError


@dataclass(frozen=True, eq=False, kw_only=True)
class Examples:
    """The items to learn from.

    Attributes:
        features: By modality, (n_m, d_m).
        classes: By modality, (n_m,) class of each item, a row of `class_vectors`.
        instances: By modality, (n_m,); equal numbers are the same thing, in any modality.
        class_vectors: (c, e) embeddings of the classes, where the system needs any.
    """

    features: Mapping[str, AnyArray]
    classes: Mapping[str, Ints]
    instances: Mapping[str, Ints]
    class_vectors: AnyArray | None = None


@dataclass(frozen=True, eq=False)
class Projections:
    """(x - mean) W of every modality.

    Attributes:
        means: By modality, (d_m,) float32.
        weights: By modality, (d_m, k) float32.
        correlations: (k,) float32, descending; mean correlation between two modalities along a dimension.
            Empty where a system measures none.
    """

    means: Mapping[str, Floats]
    weights: Mapping[str, Floats]
    correlations: Floats = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def apply(self, modality: str, vectors: AnyArray) -> Floats:
        """(n, d_m) features of a modality -> (n, k) float32 in the shared space.

        Raises:
            SpaceError: The modality was not fitted, or d_m differs.
        """
        if modality not in self.weights:
            raise SpaceError(f"projections: {modality} was not fitted (only {', '.join(self.weights)})")
        mean = self.means[modality]
        if vectors.ndim != 2 or vectors.shape[1] != len(mean):
            raise SpaceError(
                f"projections: {modality} vectors are {vectors.shape}, fitted were (n, {len(mean)})"
            )
        return np.asarray((vectors.astype(np.float32) - mean) @ self.weights[modality], dtype=np.float32)

    def to_arrays(self) -> dict[str, AnyArray]:
        """By name, as `from_arrays` and a safetensors file hold them."""
        arrays: dict[str, AnyArray] = {"correlations": self.correlations}
        for modality in self.weights:
            arrays[f"mean/{modality}"] = self.means[modality]
            arrays[f"weights/{modality}"] = self.weights[modality]
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """The inverse of `to_arrays`; half precision is widened. KeyError where an array is missing."""
        names = [name.removeprefix("weights/") for name in arrays if name.startswith("weights/")]
        return cls(
            {name: np.asarray(arrays[f"mean/{name}"], dtype=np.float32) for name in names},
            {name: np.asarray(arrays[f"weights/{name}"], dtype=np.float32) for name in names},
            np.asarray(arrays["correlations"], dtype=np.float32),
        )


def save(projections: Projections, path: Path) -> None:
    """Write projections as a safetensors file, whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(pack({name: np.ascontiguousarray(a) for name, a in projections.to_arrays().items()}))
    partial.replace(path)


def load(path: Path) -> Projections:
    """Read what `save` wrote.

    Raises:
        DataError: Missing, damaged, or not projections.
    """
    try:
        return Projections.from_arrays(load_file(path))
    except (OSError, SafetensorError, KeyError) as error:
        raise DataError(f"{path}: no projections ({error}); fit the shared space again") from error
