"""What a checkpoint makes of one input from outside the data it was trained on. Brings torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

from xview.arrays import AnyArray, Floats
from xview.errors import QueryError
from xview.models.trainable import Trainable
from xview.training import checkpoint
from xview.training.checkpoint import Header
from xview.training.data import as_input
from xview.training.pictures import decoded


@torch.inference_mode()
def place(path: Path, modality: str, output: str, given: AnyArray | bytes | str) -> Floats:
    """(1, d) float32 in the space called `output` among those the checkpoint's system gives.

    Args:
        path: Of the checkpoint.
        modality: What the input counts as.
        output: A name `Trainable.embed` returns.
        given: (1, e) float32 unit features, or an encoded picture for a system that takes pictures.

    Raises:
        CheckpointError: Missing, damaged, or of another version.
        QueryError: The checkpoint does not take this modality, or inputs of this shape.
        DataError: The picture cannot be read.
    """
    system, header = load(path)
    shapes = header.origin.facts["inputs"]
    if modality not in shapes:
        raise QueryError(f"{path}: was trained on {', '.join(shapes)}, not on {modality}")
    shape = tuple(shapes[modality])
    if isinstance(given, bytes) and len(shape) == 3:
        items: AnyArray = decoded(given, shape, "the query")[None]
    elif isinstance(given, bytes | str) or given.shape[1:] != shape:
        raise QueryError(
            f"{path}: takes {modality} of shape {shape}; the space's made_by is not what made it"
        )
    else:
        items = given
    found = system.embed(modality, as_input(items, torch.device("cpu")))
    if output not in found:
        raise QueryError(f"{path}: gives the spaces {', '.join(found)}, not {output!r}")
    return found[output].float().numpy()


def load(path: Path) -> tuple[Trainable, Header]:
    """As `checkpoint.load`; the last few stay in memory while their files stay as they are."""
    return _load(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> tuple[Trainable, Header]:
    return checkpoint.load(path)
