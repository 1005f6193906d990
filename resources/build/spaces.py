"""Make the spaces of a bundled data set whose pictures and tables are there.

    python resources/build/spaces.py emoji          # or digits

encodes every item, keeps the principal components of the seen items' features, fits the baseline's shared
space by `cca` on the seen items, draws the UMAP maps, and writes dataset.toml, vectors/ and maps/ beside the
tables. Run trained.py next, for the learned space. Needs xview with its `text` extra.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sources import DATA

from xview.arrays import Floats
from xview.data import folder as folder_reader
from xview.data.records import Dataset, draw_unseen
from xview.models.encoders import find
from xview.models.projections import save
from xview.models.systems import cca
from xview.spaces.baseline import fit_seen
from xview.spaces.encode import encode_collection
from xview.spaces.reduction import fit_reduction, save_reduction

NEIGHBOURS, SEED = 15, 0
BASELINE = "shared (cca)"
CLASSES = "vectors/classes.npy"  # of classes.py


@dataclass(frozen=True)
class Recipe:
    """How one data set is encoded.

    Attributes:
        name, description: For people.
        encoders: By modality, in the order to show them.
        dimension: Principal components kept.
        unseen: Classes held out: names, or how many to draw from `SEED`.
    """

    name: str
    description: str
    encoders: Mapping[str, str]
    dimension: int
    unseen: tuple[str, ...] | int


RECIPES = {
    "emoji": Recipe(
        "Emoji",
        "1,028 things as images, line drawings and words, by four artists",
        {"sketches": "efficientnet-lite0", "images": "efficientnet-lite0", "texts": "all-minilm-l6-v2"},
        256,
        14,
    ),
    "digits": Recipe(
        "Digits",
        "Real handwriting and rendered street-style digits",
        {"handwriting": "efficientnet-lite0", "rendered": "efficientnet-lite0"},
        128,
        ("7", "8", "9"),
    ),
}


def umap_map(vectors: Floats) -> np.ndarray:
    """(n, 2) float16 UMAP map by cosine."""
    import umap

    mapper = umap.UMAP(n_neighbors=NEIGHBOURS, metric="cosine", random_state=SEED, n_jobs=1)
    return mapper.fit_transform(vectors).astype(np.float16)


def quoted(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(values: Mapping[str, object]) -> str:
    """A TOML inline table of strings, numbers and such tables."""
    return "{" + ", ".join(f"{key} = {_told(value)}" for key, value in values.items()) + "}"


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return table(value)
    return quoted(value) if isinstance(value, str) else str(value)


def heading(space: str) -> str:
    """The line that begins a space of dataset.toml."""
    return f"[spaces.{space}]" if space.isidentifier() else f"[spaces.{quoted(space)}]"


def manifest(folder: Path, recipe: Recipe, spaces: Mapping[str, str]) -> None:
    """Write dataset.toml; `spaces` holds the body of each [spaces.NAME]."""
    lines = [f"name = {quoted(recipe.name)}", f"description = {quoted(recipe.description)}", "", "[split]"]
    lines += [f"unseen = [{', '.join(map(quoted, unseen(folder, recipe)))}]"]
    if (folder / CLASSES).exists():
        lines += ["", "[classes]", f"vectors = {quoted(CLASSES)}"]
    for modality, encoder in recipe.encoders.items():
        kind = find(encoder).kind
        lines += [
            "",
            f"[modalities.{modality}]",
            f"kind = {quoted(kind)}",
            f"items = {quoted(modality + '.csv')}",
        ]
        if kind == "image":
            lines += [f"pictures = {quoted(modality + '.zip')}"]
    for name, body in spaces.items():
        lines += ["", heading(name), body]
    (folder / "dataset.toml").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def unseen(folder: Path, recipe: Recipe) -> tuple[str, ...]:
    """The classes held out."""
    if not isinstance(recipe.unseen, int):
        return recipe.unseen
    with (folder / f"{next(iter(recipe.encoders))}.csv").open(encoding="utf-8", newline="") as file:
        classes = sorted({row["label"] for row in csv.DictReader(file)})
    return draw_unseen(classes, recipe.unseen, SEED)


def reduced(dataset: Dataset, modality: str, recipe: Recipe, vectors: Path) -> Floats:
    """(m, dimension) principal components of a modality's features, as they are stored: in half precision."""
    collection = dataset.collection(modality)

    def show(done: int, total: int) -> None:
        print(f"\r{modality} {done}/{total}", end="" if done < total else "\n", flush=True)

    raw = encode_collection(collection, recipe.encoders[modality], show)
    assert collection.seen is not None
    reduction = fit_reduction(raw[collection.seen], recipe.dimension)
    save_reduction(reduction, vectors / f"{modality}-pca.safetensors")
    stored = reduction.apply(raw).astype(np.float16)
    np.save(vectors / f"{modality}.npy", stored)
    return stored.astype(np.float32)


def main(name: str) -> None:
    """Make one data set's spaces."""
    folder, recipe = DATA / name, RECIPES[name]
    vectors, maps = folder / "vectors", folder / "maps"
    vectors.mkdir(exist_ok=True)
    maps.mkdir(exist_ok=True)
    manifest(folder, recipe, {})
    dataset = folder_reader.read(folder)

    spaces = {}
    features = {m: reduced(dataset, m, recipe, vectors) for m in recipe.encoders}
    for modality, encoder in recipe.encoders.items():
        np.save(maps / f"{modality}.npy", umap_map(features[modality]))
        made_by = {"encoder": encoder, "reduction": f"{modality}-pca.safetensors"}
        spaces[modality] = "\n".join(
            [
                f'{modality} = "vectors/{modality}.npy"',
                f"made_by = {table(made_by)}",
                f'maps = {{umap = "maps/{modality}.npy"}}',
            ]
        )

    projections = fit_seen(dataset.collections, features, cca.DEFAULT)
    save(projections, vectors / "shared-cca.safetensors")
    placed = [projections.apply(m, features[m]) for m in features]
    np.save(maps / "shared-cca.npy", umap_map(np.concatenate(placed)))
    made_by = {
        "system": "cca",
        **cca.DEFAULT.to_mapping(),
        "projections": "shared-cca.safetensors",
        "encoder": dict(recipe.encoders),
        "reduction": {m: f"{m}-pca.safetensors" for m in recipe.encoders},
    }
    spaces[BASELINE] = "\n".join(
        [f'{m} = "vectors/{m}.npy"' for m in recipe.encoders]
        + [
            'projections = "vectors/shared-cca.safetensors"',
            f"made_by = {table(made_by)}",
            'maps = {umap = "maps/shared-cca.npy"}',
        ]
    )
    manifest(folder, recipe, spaces)


if __name__ == "__main__":
    main(sys.argv[1])
