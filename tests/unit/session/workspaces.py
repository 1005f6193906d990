"""Workspaces made of arrays, for the tests of xview.session."""

from dataclasses import replace

import numpy as np

from xview.data.records import Collection, Dataset, Kind
from xview.session.resolve import resolve
from xview.session.state import ItemsQuery, ViewState
from xview.session.workspace import Workspace
from xview.spaces.space import EmbeddingSpace

CLASSES = ("ant", "bee", "cat", "dog")
GROUPS = ("noto", "twemoji", "openmoji")


def collection(modality, labels, *, kind=Kind.VECTOR, groups=None, seen=None, instances=None):
    """Items of these labels; `groups` are positions in GROUPS."""
    ids = np.array([f"{modality}-{i}" for i in range(len(labels))])
    more = {} if groups is None else {"groups": np.asarray(groups), "group_names": GROUPS}
    return Collection(
        modality=modality,
        kind=kind,
        ids=ids,
        titles=np.char.add("the ", ids),
        labels=np.asarray(labels, dtype=np.int64),
        seen=None if seen is None else np.asarray(seen),
        instances=None if instances is None else np.asarray(instances),
        **more,
    )


def pairs(*, items=20, own=True, shared=True, width=6, seed=0, split=True, groups=True):
    """Sketches and photos of four classes, the last two unseen, drawn by three artists."""
    rng = np.random.default_rng(seed)
    collections, parts = {}, {}
    centres = rng.normal(size=(len(CLASSES), width))
    for turn, modality in enumerate(("sketches", "photos")):
        labels = (np.arange(items) + turn) % len(CLASSES)
        collections[modality] = collection(
            modality,
            labels,
            groups=rng.integers(-1, len(GROUPS), items) if groups else None,
            seen=labels < 2 if split else None,
        )
        parts[modality] = centres[labels] + 0.8 * rng.normal(size=(items, width))
    spaces = {}
    if own:
        for modality in collections:
            spaces[modality] = EmbeddingSpace(
                name=modality, parts={modality: parts[modality] @ rng.normal(size=(width, 5))}
            )
    if shared:
        spaces["shared"] = EmbeddingSpace(name="shared", parts=parts)
    dataset = Dataset(name="pairs", source="pairs", collections=collections, classes=CLASSES)
    return Workspace(dataset=dataset, spaces=spaces)


def trained(workspace, name="run", *, own=True, seed=9, width=3):
    """The workspace with what a finished run would leave in it, behind its own spaces."""
    rng = np.random.default_rng(seed)
    parts = {m: rng.normal(size=(len(c), width)) for m, c in workspace.dataset.collections.items()}
    made_by = {"system": "two_stream", "checkpoint": f"/runs/{name}/best.safetensors", "run": name}
    spaces = {name: EmbeddingSpace(name=name, parts=parts, made_by=made_by)}
    for modality in parts if own else ():
        title, alone = f"{name} · {modality}", rng.normal(size=(len(parts[modality]), width))
        spaces[title] = EmbeddingSpace(name=title, parts={modality: alone}, made_by=made_by)
    return replace(workspace, spaces={**workspace.spaces, **spaces})


def asked(workspace, *ids, weights=(), **view):
    """What comes of asking with these items."""
    return resolve(ViewState(query=ItemsQuery(ids, weights), **view), workspace)
