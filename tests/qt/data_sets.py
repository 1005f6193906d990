"""Folder data sets for the tests of the window: small, with real pictures, texts, vectors and maps."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

WIDTH = 8


def write_data(
    folder: Path,
    modalities: Mapping[str, str],
    *,
    items: int = 24,
    classes: int = 4,
    groups: Sequence[str] = (),
    unseen: Sequence[str] = (),
    own: bool = True,
    shared: bool = True,
    maps: bool = True,
    width: int = WIDTH,
) -> Path:
    """A folder data set whose vectors scatter around a centre a class.

    Args:
        folder: Made here.
        modalities: Kind by name: image, text or vector.
        items: Of each modality.
        classes: Named class-0 and so on; 0 for data without classes.
        groups: Names given to the items in turn.
        unseen: Classes held out.
        own, shared: Which spaces there are.
        maps: Whether the spaces come with maps named umap.
        width: Dimension of the vectors.
    """
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    labels = np.arange(items) % max(1, classes)
    centres = 3 * rng.normal(size=(max(1, classes), width))
    lines = [f'name = "{folder.name}"']
    if unseen:
        lines += ["[split]", f"unseen = {list(unseen)}"]
    for name, kind in modalities.items():
        lines += [f"[modalities.{name}]", f'kind = "{kind}"', f'items = "{name}.csv"']
        _write_items(folder, name, kind, labels, groups, labelled=classes > 0)
    spaces = {f"{name} alone": (name,) for name in modalities} if own else {}
    if shared and len(modalities) > 1:
        spaces["shared"] = tuple(modalities)
    for number, (space, parts) in enumerate(spaces.items()):
        lines.append(f'[spaces."{space}"]')
        vectors = {part: centres[labels] + rng.normal(size=(items, width)) for part in parts}
        for part, array in vectors.items():
            np.save(folder / f"{part}-{number}.npy", array.astype(np.float32))
            lines.append(f'{part} = "{part}-{number}.npy"')
        if maps:
            np.save(folder / f"map-{number}.npy", np.concatenate(list(vectors.values()))[:, :2])
            lines.append(f'maps = {{umap = "map-{number}.npy"}}')
    (folder / "dataset.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def write_picture(path: Path, colour: str, side: int = 24) -> Path:
    """A PNG of one colour, by name, #rrggbb or hsl()."""
    Image.new("RGB", (side, side), ImageColor.getrgb(colour)).save(path, "PNG")
    return path


def _write_items(
    folder: Path, name: str, kind: str, labels: np.ndarray, groups: Sequence[str], *, labelled: bool
) -> None:
    rows: list[dict[str, str]] = []
    for number, label in enumerate(labels.tolist()):
        row = {"id": f"{name}-{number}", "title": f"{name} {number}"}
        if labelled:
            row["label"] = f"class-{label}"
        if groups:
            row["group"] = groups[number % len(groups)]
        if kind == "image":
            row["path"] = f"{name}-{number}.png"
            write_picture(folder / row["path"], f"hsl({number * 37 % 360}, 70%, 50%)")
        elif kind == "text":
            row["text"] = f"words about {name} {number}"
        rows.append(row)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
