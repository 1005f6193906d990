"""Work around pictures modified by words: where one belongs, and how well a round of pairs is found.

Both tasks take `data` and `unseen` as `xview.jobs.tasks` does, and `space`, one that a composition's
training left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xview.errors import QueryError, nearest_name
from xview.jobs.folder import write_text
from xview.jobs.reporter import Reporter
from xview.spaces.library import OpenData, open_data
from xview.spaces.provenance import beside, checkpoint_of, modifies
from xview.spaces.space import EmbeddingSpace

if TYPE_CHECKING:
    from xview.spaces.composed import Composition


def compose(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Place a modified picture.

    Config besides: `picture`, an item's id, and `text`, what is to be different.
    Leaves `vectors.safetensors` with one (d,) float32 unit vector by name of space, and `told.json`: `told`,
    figures by name, and `unknown`, words that were not learnt.
    """
    from safetensors.numpy import save_file

    found = composed(
        open_data(config["data"], config.get("unseen")), config["space"], config["picture"], config["text"]
    )
    write_text(run_dir / "told.json", json.dumps({"told": found.told, "unknown": found.unknown}))
    part = run_dir / ".vectors.safetensors.part"
    save_file({config["space"]: found.vector}, part)
    part.replace(run_dir / "vectors.safetensors")
    return "vectors.safetensors"


def composed(opened: OpenData, name: str, picture: str, text: str) -> Composition:
    """A picture of the data, modified, in the space called `name`.

    Raises:
        QueryError: No such space or picture, or none of the words was learnt.
        CheckpointError, DataError: What trained the space, or the picture, cannot be read.
    """
    from xview.spaces.composed import compose as place  # brings torch

    space, modality = _space(opened, name)
    collection = opened.dataset.collection(modality)
    if picture not in collection.row_of:
        near = nearest_name(picture, collection.row_of)
        raise QueryError(f"{opened.dataset.name}: no item {picture!r} in {modality}{near}")
    payload = collection.payloads.picture(collection.row_of[picture])
    where = f"{opened.dataset.name}: {modality} {picture}"
    if payload is None:
        raise QueryError(f"{where} has no picture to modify")
    return place(_checkpoint(space, modality), payload, text, where)


def judged(opened: OpenData, name: str, reporter: Reporter) -> tuple[dict[str, float], int]:
    """`metrics.composition.MEASURES` over the pairs training did not look at, and how many these are.

    Raises:
        QueryError: No such space, or no pairs to test on.
        CheckpointError, DataError: What trained the space, or a picture, cannot be read.
    """
    import torch

    from xview.jobs.learning import compose_all, pictures_of
    from xview.metrics.composition import ranks, recall
    from xview.models.words import longest, tokens
    from xview.spaces.composed import composer

    space, modality = _space(opened, name)
    pairs = opened.dataset.modifications
    test = np.empty(0, np.int64) if pairs is None else np.flatnonzero(~pairs.seen)
    if pairs is None or not len(test):
        raise QueryError(f"{opened.dataset.name}: no pairs to test on; give some of them the split `test`")
    system, known = composer(_checkpoint(space, modality))
    side = system.config.side
    pictures = pictures_of(opened.dataset.collection(modality), (3, side, side), reporter)
    told = [str(text) for text in pairs.instructions[test]]
    sources, targets = pairs.sources[test], pairs.targets[test]
    device = torch.device("cpu")
    found = compose_all(system, pictures[sources], tokens(told, known, longest(told)), device)
    return recall(ranks(found, space.unit(modality), sources, targets)), len(test)


def _space(opened: OpenData, name: str) -> tuple[EmbeddingSpace, str]:
    """The space of this name, and the modality that is modified in it."""
    space = opened.spaces.get(name)
    if space is None or not modifies(space, space.modalities[0]):
        raise QueryError(
            f"{opened.dataset.name}: no space {name!r} that a system left which modifies pictures; "
            "train one, such as `--system tirg`"
        )
    return space, space.modalities[0]


def _checkpoint(space: EmbeddingSpace, modality: str) -> Path:
    named = checkpoint_of(space)
    assert named is not None  # as `modifies` found
    return beside(space, modality, named)
