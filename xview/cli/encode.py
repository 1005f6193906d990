"""`xview encode`: a modality's pictures or texts into vectors."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from xview.cli.output import check_writable, note, progress, replacing, say
from xview.data.cache import cache_folder
from xview.data.open import open_dataset
from xview.data.records import Collection, Kind
from xview.errors import DataError
from xview.models.encoders import IMAGE_DEFAULT, TEXT_DEFAULT, find
from xview.spaces.encode import encode_collection

_SUFFIXES = (".npy", ".npz")


def run(args: argparse.Namespace) -> int:
    """Encode, keep in the cache, and write where asked."""
    if args.out and args.out.suffix not in _SUFFIXES:
        raise DataError(f"{args.out}: vectors are written as {' or '.join(_SUFFIXES)}")
    if args.out:
        check_writable(args.out)
    collection = open_dataset(args.data).collection(args.modality)
    encoder = find(args.encoder or _default(collection)).name
    with progress(f"{collection.modality}, {encoder}") as step:
        vectors = encode_collection(collection, encoder, lambda done, total: step(done / total))
    say(f"{collection.modality}: {len(vectors):,} vectors of {vectors.shape[1]} numbers by {encoder}")
    if args.out is None:
        note(f"kept in {cache_folder()}")
        return 0
    with replacing(args.out) as partial, partial.open("wb") as file:
        if args.out.suffix == ".npy":
            np.save(file, vectors, allow_pickle=False)
        else:
            np.savez(file, vectors=vectors, ids=collection.ids)
    note(f"wrote {args.out}; in a dataset.toml beside it, this makes it a space:")
    say(_declaration(collection.modality, args.out, encoder))
    return 0


def _default(collection: Collection) -> str:
    if collection.kind is Kind.VECTOR:
        raise DataError(f"{collection.modality} are vectors already; there is nothing to encode")
    return IMAGE_DEFAULT if collection.kind is Kind.IMAGE else TEXT_DEFAULT


def _declaration(modality: str, path: Path, encoder: str) -> str:
    """The lines of a `dataset.toml`; JSON strings are TOML strings."""
    name, file, made_by = (json.dumps(text) for text in (modality, path.name, encoder))
    return f"[spaces.{name}]\n{name} = {file}\nmade_by = {{encoder = {made_by}}}"
