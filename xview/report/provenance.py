"""What made a report, and the line that makes it again."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import xview
from xview.data.protocol import Protocol
from xview.retrieval.field import SpaceChoice
from xview.session.state import RankerChoice
from xview.session.workspace import Workspace
from xview.spaces.library import unseen_classes

_PACKAGES = ("numpy", "scipy", "faiss-cpu", "numba", "umap-learn", "scikit-learn", "torch", "matplotlib")


def provenance(workspace: Workspace, protocol: Protocol, spaces: SpaceChoice) -> tuple[tuple[str, str], ...]:
    """Name and value of everything the figures depend on."""
    dataset = workspace.dataset
    rules = f"{protocol.query_classes} classes ask, {protocol.gallery_classes} classes answer"
    if any(collection.groups is not None for collection in dataset.collections.values()):
        rules += ", own group skipped" if protocol.across_groups else ", own group counted"
    told = [
        ("made", datetime.now().astimezone().isoformat(sep=" ", timespec="minutes")),
        ("xview", xview.__version__),
        ("data", f"{dataset.source} (fingerprint {dataset.fingerprint})"),
        ("protocol", rules),
        ("held-out classes", ", ".join(_held_out(workspace)) or "none"),
    ]
    roles = {"shared space": spaces.shared, "own space, query": spaces.own_query}
    roles["own space, gallery"] = spaces.own_gallery
    for role, name in roles.items():
        if name:
            space = workspace.spaces[name]
            made = f", made by {json.dumps(space.made_by, ensure_ascii=False)}" if space.made_by else ""
            shape = f"{len(space):,} x {space.dimension}"
            told.append((role, f"{name}, {shape}, fingerprint {space.fingerprint}{made}"))
    installed = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    told.append(("runs on", f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"))
    told.append(("packages", installed))
    return tuple(told)


def command(
    workspace: Workspace, protocol: Protocol, spaces: SpaceChoice, choices: Sequence[RankerChoice]
) -> str:
    """The `xview report` line that makes this report again."""
    words = ["xview", "report", workspace.dataset.source]
    words += ["--query", protocol.query, "--gallery", protocol.gallery]
    words += ["--classes", protocol.query_classes, "--gallery-classes", protocol.gallery_classes]
    for name in workspace.unseen or ():
        words += ["--unseen", name]
    if not protocol.across_groups:
        words.append("--within-groups")
    words += ["--shared", spaces.shared]
    if spaces.own_query:
        words += ["--own-query", spaces.own_query]
    if spaces.own_gallery:
        words += ["--own-gallery", spaces.own_gallery]
    for choice in choices:
        words += ["--ranker", choice.name]
        defaults = type(choice.settings)().to_mapping()
        for key, value in choice.settings.to_mapping().items():
            if value != defaults[key]:
                words += ["--set", f"{choice.name}.{key}={value}"]
    return shlex.join([*words, "--out", "report"])


def _held_out(workspace: Workspace) -> list[str]:
    held = unseen_classes(workspace.dataset)
    return [name for name in workspace.dataset.classes if name in held]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
