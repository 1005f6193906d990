"""`EmbeddingSpace`: vectors of one or more modalities in item order, with provenance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xview.arrays import AnyArray, Floats
from xview.data.records import Dataset, StoredSpace
from xview.errors import SpaceError
from xview.models import projections


@dataclass(frozen=True, eq=False, kw_only=True)
class EmbeddingSpace:
    """Vectors of one or more modalities that may be compared with one another.

    Attributes:
        name: For people, such as "shared (cca)".
        parts: By modality, (items, d) floating as stored (may be memory-mapped); rows in item order.
        made_by: What made it, as plain JSON: system, encoder, data fingerprint, seed.
        stored: Where it came from on disk, with any maps shipped beside it, or None.
    """

    name: str
    parts: Mapping[str, AnyArray]
    made_by: Mapping[str, object] = field(default_factory=dict)
    stored: StoredSpace | None = None

    def __post_init__(self) -> None:
        """Reject an empty space and modalities of different width."""
        widths = {modality: part.shape[1] for modality, part in self.parts.items()}
        if not widths:
            raise SpaceError(f"space {self.name!r} holds no vectors")
        if len(set(widths.values())) > 1:
            told = ", ".join(f"{modality} {width}" for modality, width in widths.items())
            raise SpaceError(f"space {self.name!r}: modalities differ in dimension ({told})")

    @property
    def modalities(self) -> tuple[str, ...]:
        """Modalities with vectors here."""
        return tuple(self.parts)

    @property
    def shared(self) -> bool:
        """Whether items of different modalities can be compared here."""
        return len(self.parts) > 1

    @property
    def dimension(self) -> int:
        """d, the length of a vector."""
        return int(next(iter(self.parts.values())).shape[1])

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts.values())

    def unit(self, modality: str) -> Floats:
        """(items, d) float32 rows of Euclidean length 1, computed once.

        Raises:
            SpaceError: The modality has no vectors here, or one of them is zero or not finite.
        """
        if modality not in self.parts:
            raise SpaceError(f"space {self.name!r} has no {modality} (it has {', '.join(self.parts)})")
        if modality not in self._unit:
            self._unit[modality] = unit_rows(self.parts[modality], f"space {self.name!r}, {modality}")
        return self._unit[modality]

    @cached_property
    def _unit(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def fingerprint(self) -> str:
        """16 hex digits over every vector: the key of everything cached about this space."""
        digest = hashlib.sha256()
        for modality, part in self.parts.items():
            digest.update(f"{modality} {part.shape} {part.dtype}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()[:16]


def unit_rows(vectors: AnyArray, what: str) -> Floats:
    """(m, d) float32 rows of Euclidean length 1; norms are taken in float64.

    Raises:
        SpaceError: A row is zero or not finite; the message starts with `what` and names the row.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    bad = np.flatnonzero(~np.isfinite(norms[:, 0]) | (norms[:, 0] == 0))
    if bad.size:
        fault = "is all zeros" if norms[bad[0], 0] == 0 else "is not finite"
        raise SpaceError(
            f"{what}: row {bad[0]} {fault} ({bad.size} such rows of {len(wide)}), so it has no direction; "
            "remove the item or encode it again"
        )
    return np.asarray(wide / norms, dtype=np.float32)


def load_space(dataset: Dataset, name: str) -> EmbeddingSpace:
    """Read a space the data set declares.

    Raises:
        SpaceError: No such space, rows that do not match the items, or projections that do not fit them.
        DataError: A file cannot be read.
    """
    if name not in dataset.spaces:
        raise SpaceError(f"{dataset.name}: no space {name!r} (known: {', '.join(dataset.spaces) or 'none'})")
    stored = dataset.spaces[name]
    projected = None if stored.projections is None else projections.load(stored.projections)
    parts = {}
    for modality, source in stored.parts.items():
        vectors = source.load()
        items = len(dataset.collection(modality))
        if len(vectors) != items:
            raise SpaceError(
                f"{source.path}: {len(vectors)} vectors for {items} items of {modality} in space {name!r}; "
                "rows must follow the items' order"
            )
        parts[modality] = vectors if projected is None else projected.apply(modality, vectors)
    return EmbeddingSpace(name=name, parts=parts, made_by=stored.made_by, stored=stored)
