"""`xview project`: a space as a map."""

from __future__ import annotations

import argparse
import csv

import numpy as np

from xview.arrays import Floats
from xview.cli.output import check_writable, note, progress, replacing
from xview.cli.request import open_data, split_assignment
from xview.data.records import Dataset
from xview.errors import DataError, SpaceError
from xview.session.scene import Scene
from xview.session.workspace import Workspace
from xview.spaces.projection import method_settings, project_space
from xview.spaces.provenance import space_called
from xview.spaces.space import EmbeddingSpace

_SUFFIXES = (".npy", ".csv")


def run(args: argparse.Namespace) -> int:
    """Lay one space out and write where its items lie."""
    if args.out.suffix not in _SUFFIXES:
        raise DataError(f"{args.out}: a map is written as {' or '.join(_SUFFIXES)}")
    settings = method_settings(args.method, dict(split_assignment(one) for one in args.set))
    check_writable(args.out)
    workspace = open_data(args)
    space = _space(workspace, args.space)
    with progress(f"{space.name}, {args.method}") as step:
        layout = project_space(space, settings, lambda done, total: step(done / total if total else 0.0))
    if args.out.suffix == ".npy":
        with replacing(args.out) as partial, partial.open("wb") as file:
            np.save(file, layout, allow_pickle=False)
    else:
        with replacing(args.out) as partial, partial.open("w", encoding="utf-8", newline="") as text:
            csv.writer(text).writerows(_rows(workspace.dataset, space, layout))
    note(f"wrote {args.out}: {len(layout):,} items of {', '.join(space.modalities)}, in that order")
    return 0


def _space(workspace: Workspace, name: str | None) -> EmbeddingSpace:
    spaces = workspace.spaces
    if name is None:
        fitting = [space for space in spaces.values() if space.shared] or list(spaces.values())
        if not fitting:
            raise SpaceError("there is no space to lay out; `xview encode` makes one from pictures or texts")
        return fitting[0]
    return spaces[space_called(spaces, name)]


def _rows(dataset: Dataset, space: EmbeddingSpace, layout: Floats) -> list[list[object]]:
    """A heading and one row an item: modality, id, class, x, y."""
    scene = Scene(dataset, space)
    rows: list[list[object]] = [["modality", "id", "class", "x", "y"]]
    for point, (x, y) in enumerate(layout.tolist()):
        modality, row = scene.item(point)
        collection = dataset.collection(modality)
        label = int(collection.labels[row])
        rows.append([modality, str(collection.ids[row]), dataset.classes[label] if label >= 0 else "", x, y])
    return rows
