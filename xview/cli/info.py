"""`xview info`: what a data set holds."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from xview.cli.output import say, show_json, show_table
from xview.data.records import Collection, Modifications
from xview.session.workspace import Workspace, open_workspace
from xview.spaces.library import unseen_classes

_COUNTED = ("name", "kind", "items", "seen", "unseen", "unlabelled", "classes")


def run(args: argparse.Namespace) -> int:
    """Tell modalities, classes, split, spaces, and what was skipped."""
    workspace = open_workspace(args.data)
    told = describe(workspace)
    if args.json:
        show_json(told, args.json)
        return 0
    description = f": {told['description']}" if told["description"] else ""
    say(f"{told['name']}{description} ({told['source']})")
    classes = told["classes"]
    split = f", {told['unseen_classes']} of them unseen" if workspace.dataset.has_split else ", no split"
    say(f"{len(classes)} classes{split}")
    say("")
    rows = [
        [*(_plain(m[key]) for key in _COUNTED), ", ".join(m["groups"]) or "none"] for m in told["modalities"]
    ]
    show_table(["modality", *_COUNTED[1:], "groups"], rows, right=_COUNTED[2:])
    say("")
    if pairs := told["modifications"]:
        learn, test = (f"{pairs[part]:,} to {part}" for part in ("learn from", "test on"))
        say(f"{pairs['pairs']:,} pairs of {pairs['modality']} with instructions, {learn}, {test}")
        say("")
    if told["spaces"]:
        _show_spaces(told["spaces"])
    else:
        say("no space yet: `xview encode` makes one from pictures or texts")
    for remark in (*told["notes"], *told["problems"]):
        say(f"- {remark}")
    return 0


def _show_spaces(spaces: list[dict[str, Any]]) -> None:
    rows = []
    for space in spaces:
        maker, maps = _maker(space["made_by"]), ", ".join(space["maps"]) or "none"
        counts = [_plain(space["vectors"]), _plain(space["dimension"])]
        rows.append([space["name"], ", ".join(space["modalities"]), *counts, maker, maps])
    columns = ["space", "modalities", "vectors", "dimension", "made by", "maps"]
    show_table(columns, rows, right=["vectors", "dimension"])


def describe(workspace: Workspace) -> dict[str, Any]:
    """The open data as plain JSON."""
    dataset = workspace.dataset
    return {
        "name": dataset.name,
        "source": dataset.source,
        "description": dataset.description,
        "fingerprint": dataset.fingerprint,
        "classes": list(dataset.classes),
        "unseen_classes": len(unseen_classes(dataset)),
        "modalities": [_modality(collection) for collection in dataset.collections.values()],
        "spaces": [
            {
                "name": name,
                "modalities": list(space.modalities),
                "vectors": len(space),
                "dimension": space.dimension,
                "made_by": dict(space.made_by),
                "maps": [key.method for key in workspace.maps if key.space == name],
            }
            for name, space in workspace.spaces.items()
        ],
        "modifications": _modifications(dataset.modifications),
        "notes": list(dataset.notes),
        "problems": list(workspace.problems),
    }


def _modifications(pairs: Modifications | None) -> dict[str, Any] | None:
    if pairs is None:
        return None
    learn = int(pairs.seen.sum())
    parts = {"learn from": learn, "test on": len(pairs) - learn}
    return {"modality": pairs.modality, "pairs": len(pairs), **parts}


def _modality(collection: Collection) -> dict[str, Any]:
    seen = None if collection.seen is None else int(collection.seen.sum())
    return {
        "name": collection.modality,
        "kind": str(collection.kind),
        "items": len(collection),
        "seen": seen,
        "unseen": None if seen is None else len(collection) - seen,
        "unlabelled": int((collection.labels < 0).sum()),
        "classes": len(np.unique(collection.labels[collection.labels >= 0])),
        "groups": list(collection.group_names),
    }


def _plain(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _maker(made_by: dict[str, Any]) -> str:
    told = made_by.get("system") or made_by.get("encoder") or "not said"
    return ", ".join(dict.fromkeys(map(str, told.values()))) if isinstance(told, dict) else str(told)
