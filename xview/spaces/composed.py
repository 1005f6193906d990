"""Where a picture belongs once a sentence has changed it, by the checkpoint that learnt to. Brings torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from xview.arrays import Floats
from xview.errors import QueryError
from xview.models.composer import Composer
from xview.models.words import longest, tokens, words_of
from xview.spaces import outside
from xview.training.data import as_input
from xview.training.pictures import decoded

LISTED = 12  # words named to somebody who used others


@dataclass(frozen=True, eq=False)
class Composition:
    """A modified picture.

    Attributes:
        vector: (d,) float32, of unit length, in the space the pictures lie in.
        told: What its system says of the change, by name (`Composer.told`).
        unknown: Words of the sentence that were in no sentence learnt from; they were read as one unknown.
    """

    vector: Floats
    told: Mapping[str, float]
    unknown: tuple[str, ...]


def composer(path: Path) -> tuple[Composer, tuple[str, ...]]:
    """The system of a checkpoint, in evaluation mode, and the words it knows, frequent ones first.

    Raises:
        CheckpointError: Missing, damaged, or of another version.
        QueryError: The system modifies no pictures.
    """
    system, header = outside.load(path)
    if not isinstance(system, Composer):
        raise QueryError(f"{path}: {header.origin.system} does not modify pictures; name a run that does")
    return system, tuple(header.origin.facts["vocabulary"])


@torch.inference_mode()
def compose(path: Path, picture: bytes, text: str, where: str) -> Composition:
    """What a checkpoint makes of an encoded picture and a sentence; errors call the picture `where`.

    Raises:
        CheckpointError: As `composer`.
        QueryError: As `composer`; or none of the words is known.
        DataError: The picture cannot be read.
    """
    system, known = composer(path)
    words = words_of(text)
    unknown = tuple(dict.fromkeys(word for word in words if word not in known))
    if len(unknown) == len(set(words)):
        listed = ", ".join(known[:LISTED]) + " and others" * (len(known) > LISTED)
        raise QueryError(f"none of these words was learnt: {text!r}; it has learnt {listed}")
    side = system.config.side
    pixels = decoded(picture, (3, side, side), where)
    pictures = as_input(pixels[None], torch.device("cpu"))
    instruction = torch.from_numpy(tokens([text], known, longest([text])))
    vector = system.compose(pictures, instruction)[0].float().numpy()
    told = {name: float(value[0]) for name, value in system.explain(pictures, instruction).items()}
    return Composition(np.asarray(vector, dtype=np.float32), told, unknown)
