"""Pictures and texts into vectors: whole collections, and single ones from outside the data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import overload

import numpy as np

from xview.arrays import Floats
from xview.data.records import Collection, Kind
from xview.errors import DataError, QueryError
from xview.models import encoders, projections
from xview.spaces.cache import cached, kept
from xview.spaces.provenance import PIXELS, beside, checkpoint_of, made_of
from xview.spaces.reduction import load_reduction
from xview.spaces.space import EmbeddingSpace, unit_rows

_load_encoder = lru_cache(maxsize=2)(encoders.load)


def encode_collection(
    collection: Collection, encoder: str, on_batch: encoders.OnBatch = encoders.ignore
) -> Floats:
    """(m, d) float32 vectors of every item, as the encoder gives them; cached by payloads and encoder.

    Raises:
        DataError: An item has no payload of the encoder's kind, or one that cannot be decoded; it is named.
        SettingError, MissingExtraError: As `encoders.load`.
    """
    payloads = _Payloads(collection, encoders.find(encoder).kind)

    def make() -> Mapping[str, Floats]:
        try:
            return {"vectors": _load_encoder(encoder).encode(payloads, on_batch)}
        except encoders.PayloadError as error:
            raise DataError(
                f"{collection.modality}: item {str(collection.ids[error.position])!r}: {error}"
            ) from error

    return np.asarray(cached(_key(payloads, encoder), make)["vectors"], dtype=np.float32)


def find_encoded(collection: Collection, encoder: str) -> Floats | None:
    """What `encode_collection` would return, where it has been computed before; else None.

    Raises:
        DataError: An item has no payload of the encoder's kind; it is named.
    """
    found = kept(_key(_Payloads(collection, encoders.find(encoder).kind), encoder))
    return None if found is None else np.asarray(found["vectors"], dtype=np.float32)


def _key(payloads: Sequence[bytes | str], encoder: str) -> str:
    """Everything the vectors depend on: the encoder and every payload, in order."""
    digest = hashlib.sha256()
    for payload in payloads:
        content = payload if isinstance(payload, bytes) else payload.encode()
        digest.update(hashlib.sha256(content).digest())
    return f"encode {_identity(encoder)} {digest.hexdigest()}"


class _Payloads(Sequence[bytes | str]):
    """A collection's payloads of one kind, read when asked for."""

    def __init__(self, collection: Collection, kind: Kind) -> None:
        self._collection, self._kind = collection, kind

    def __len__(self) -> int:
        return len(self._collection)

    @overload
    def __getitem__(self, row: int) -> bytes | str: ...
    @overload
    def __getitem__(self, row: slice) -> list[bytes | str]: ...
    def __getitem__(self, row: int | slice) -> bytes | str | list[bytes | str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        if row >= len(self):
            raise IndexError(row)
        source = self._collection.payloads
        payload = source.picture(row) if self._kind is Kind.IMAGE else source.text(row)
        if payload is None:
            wanted = "picture" if self._kind is Kind.IMAGE else "text"
            name = str(self._collection.ids[row])
            raise DataError(f"{self._collection.modality}: item {name!r} has no {wanted} to encode")
        return payload


def _identity(encoder: str) -> str:
    """The encoder's name and, where it names local files, what they are at present."""
    _, _, model = encoder.partition(":")
    place = Path(model.rpartition("@")[2])
    if not model or not place.exists():
        return encoder
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    told = [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    return f"{encoder} {hashlib.sha256(' '.join(told).encode()).hexdigest()[:16]}"


def encoder_of(space: EmbeddingSpace, modality: str, payload: type) -> str:
    """What places `bytes` of a picture or a `str` in a space: an encoder, or `PIXELS`. Loads nothing.

    Raises:
        QueryError: The space does not say how its vectors were made, or from another kind of payload.
    """
    if modality not in space.parts:
        raise QueryError(f"space {space.name!r} has no {modality} (it has {', '.join(space.modalities)})")
    name = made_of(space, modality, "encoder")
    system = space.made_by.get("system")
    followed = system is None or bool(checkpoint_of(space) or made_of(space, modality, "projections"))
    if name is None or not followed:
        reason = "it names no encoder" if followed else f"the system {system!r} made it and left no file"
        raise QueryError(
            f"{modality} from outside cannot be placed in space {space.name!r}: {reason}. "
            "Query by an item of the data, or choose a space whose made_by names an encoder"
        )
    kind = Kind.IMAGE if name == PIXELS else encoders.find(name).kind
    if (kind is Kind.TEXT) != issubclass(payload, str):
        raise QueryError(f"{modality} in space {space.name!r} are encoded from {kind}s; ask with one")
    return name


def encode_outside(space: EmbeddingSpace, modality: str, payload: bytes | str) -> Floats:
    """(d,) float32: where a picture file or text that is no item of the data lies in a space.

    Follows what `made_by` declares of the modality: encoder, then `reduction` (principal components), then
    the projections of a system in closed form or the checkpoint of a trained one, which may take the picture
    itself and may be followed by `axes`, the directions of its space that were kept. Their files lie beside
    the space's vectors.

    Raises:
        QueryError: The space does not say how its vectors were made, or from another kind of payload.
        DataError, CheckpointError, MissingExtraError: The payload, a file or a package is missing or damaged.
    """
    name = encoder_of(space, modality, type(payload))
    checkpoint, file = checkpoint_of(space), made_of(space, modality, "projections")
    if name == PIXELS:
        if checkpoint is None:
            raise QueryError(f"space {space.name!r} does not name the checkpoint that takes its pictures")
        vectors = _trained(space, modality, checkpoint, payload)
    else:
        vectors = _encoded(name, space, modality, payload)
        if checkpoint is not None:
            vectors = _trained(space, modality, checkpoint, unit_rows(vectors, "the query"))
        elif file is not None:
            vectors = projections.load(beside(space, modality, file)).apply(modality, vectors)
    if vectors.shape[1] != space.dimension:
        raise QueryError(
            f"{name} gives {vectors.shape[1]} numbers for {modality} but space {space.name!r} has "
            f"{space.dimension}: its made_by is not what made it"
        )
    placed: Floats = vectors[0]
    return placed


def _encoded(name: str, space: EmbeddingSpace, modality: str, payload: bytes | str) -> Floats:
    """(1, d) features of a payload as the space's modality was encoded."""
    try:
        vectors = _load_encoder(name).encode([payload])
    except encoders.PayloadError as error:
        raise QueryError(f"the query cannot be encoded: {error}") from error
    reduction = made_of(space, modality, "reduction")
    if reduction is not None:
        vectors = load_reduction(beside(space, modality, reduction)).apply(vectors)
    return vectors


def _trained(space: EmbeddingSpace, modality: str, checkpoint: str, given: Floats | bytes | str) -> Floats:
    """(1, d) where the checkpoint that made a space places unit features (1, e), or an encoded picture."""
    from xview.spaces.outside import place  # brings torch

    output = space.made_by.get("output")
    vectors = place(beside(space, modality, checkpoint), modality, str(output), given)
    axes = made_of(space, modality, "axes")
    return vectors if axes is None else load_reduction(beside(space, modality, axes)).apply(vectors)
