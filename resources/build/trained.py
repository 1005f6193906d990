"""Train the learned space of a bundled data set whose features are there.

    python resources/build/trained.py emoji          # or digits; --out FOLDER keeps the run

trains a system on the seen classes and puts what its best epoch gives into the data set: weights and vectors
in half precision, maps, and their entries in dataset.toml, before the baseline's. The vectors are those that
the halved weights give, along the few directions that hold nearly all of the seen items, so that the files stay
small and a picture from outside lands where its item would. Systems and settings were
chosen by validation on seen classes; unseen ones were never looked at. Run it after spaces.py and classes.py.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from sources import DATA
from spaces import BASELINE, heading, table, umap_map

from xview.data.open import open_dataset
from xview.data.records import Dataset
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.spaces.library import open_data, unseen_classes
from xview.spaces.reduction import Reduction, load_reduction, save_reduction
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import SPACES, read_spaces
from xview.training.names import BEST
from xview.training.recipes import recipe

NAME = "shared"
WEIGHTS = f"{NAME}.safetensors"


@dataclass(frozen=True)
class Choice:
    """What is trained for a data set.

    Attributes:
        system: By name.
        recipe: Of the system, tuned on seen classes; empty for its defaults.
        settings: What differs from it, so that the files stay small.
        training: As for `settings`.
        own: Whether single-modal spaces of the system are shipped, too, or the data's features serve.
        axes: Directions kept of each space; 0 for all.
    """

    system: str
    recipe: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    own: bool = False
    axes: int = 0


CHOICES = {
    "emoji": Choice("rrf_net", "xview2026_emoji", {"hidden": 256, "dim": 48}, {"epochs": 14}),
    "digits": Choice("two_stream", "xview2026_digits", own=True, axes=16),
}


def learned(name: str, folder: Path) -> dict[str, EmbeddingSpace]:
    """The spaces of a run in `folder`, trained where it is not finished, by weights in half precision."""
    choice = CHOICES[name]
    tuned = recipe(choice.system, choice.recipe) if choice.recipe else None
    config = {
        "data": name,
        "system": choice.system,
        "name": NAME,
        "settings": {**(tuned.settings if tuned else {}), **choice.settings},
        "training": {**(tuned.training if tuned else {}), "seed": 0, **choice.training},
    }
    reporter = Reporter(lambda event: print(f"{event.message} {dict(event.metrics)}", flush=True))
    train(config, folder, reporter)
    halve(folder / BEST)
    shutil.rmtree(folder / SPACES)
    train(config, folder, reporter)  # goes on where it ended: only the spaces are made again
    dataset = open_data(name).dataset
    return read_spaces(folder, dataset, unseen_classes(dataset))


def halve(path: Path) -> None:
    """Write a checkpoint's weights again in half precision."""
    with safe_open(path, framework="pt") as file:
        told = file.metadata()
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    save_file({k: v.half() if v.dtype == torch.float32 else v for k, v in weights.items()}, path, told)


def main_axes(space: EmbeddingSpace, dataset: Dataset, count: int) -> Reduction:
    """The directions in which the seen items' unit rows lie, uncentred, so that angles stay."""
    seen = np.vstack([space.unit(m)[dataset.collection(m).seen] for m in space.modalities])
    _, _, directions = np.linalg.svd(seen, full_matrices=False)
    return Reduction(np.zeros(seen.shape[1], np.float32), directions[:count])


def shipped(name: str, space: EmbeddingSpace, folder: Path) -> str:
    """Write vectors and map of a space; its entry in dataset.toml."""
    own = "" if space.shared else "own-"
    stem = f"{NAME}-{own}{'' if space.shared else space.modalities[0]}"
    parts = {m: space.unit(m).astype(np.float16) for m in space.modalities}
    axes = {}
    if count := CHOICES[name].axes:
        file = f"{stem.rstrip('-')}-axes.safetensors"
        save_reduction(main_axes(space, open_dataset(folder), count), folder / "vectors" / file)
        kept = load_reduction(folder / "vectors" / file)
        parts = {m: kept.apply(space.unit(m)).astype(np.float16) for m in space.modalities}
        axes = {"axes": file}
    lines = [heading(space.name)]
    for modality, vectors in parts.items():
        file = f"vectors/{NAME}-{own}{modality}.npy"
        np.save(folder / file, vectors)
        lines.append(f'{modality} = "{file}"')
    layout = f"maps/{stem.rstrip('-')}.npy"
    np.save(folder / layout, umap_map(np.concatenate([x.astype(np.float32) for x in parts.values()])))
    made_by = {
        "system": space.made_by["system"],
        "checkpoint": WEIGHTS,
        **axes,
        "output": space.made_by["output"],
        "command": f"python resources/build/trained.py {name}",
        "seed": space.made_by["seed"],
        "data": space.made_by["data"],
        "encoder": {m: told for m, told in _by_modality(space, "encoder").items() if m in parts},
        "reduction": {
            m: Path(told).name for m, told in _by_modality(space, "reduction").items() if m in parts
        },
    }
    return "\n".join([*lines, f"made_by = {table(made_by)}", f'maps = {{umap = "{layout}"}}'])


def _by_modality(space: EmbeddingSpace, key: str) -> dict[str, str]:
    told = space.made_by[key]
    assert isinstance(told, Mapping)
    return {str(m): str(value) for m, value in told.items() if value is not None}


def main() -> None:
    """Make one data set's learned spaces."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", choices=list(CHOICES))
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    torch.set_num_threads(1)  # sums round differently with another number
    run = args.out or Path(tempfile.mkdtemp(prefix="xview-trained-"))
    run.mkdir(parents=True, exist_ok=True)
    folder: Path = DATA / args.data
    spaces = learned(args.data, run)
    found = {n: s for n, s in spaces.items() if n == NAME or (CHOICES[args.data].own and not s.shared)}
    shutil.copyfile(run / BEST, folder / "vectors" / WEIGHTS)
    entries = [shipped(args.data, space, folder) for space in found.values()]
    manifest = folder / "dataset.toml"
    blocks = manifest.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    mine = (f"[spaces.{NAME}]", f'[spaces."{NAME} · ')
    kept = [block for block in blocks if not block.startswith(mine)]
    place = next(i for i, block in enumerate(kept) if block.startswith(heading(BASELINE)))
    text = "\n\n".join([*kept[:place], *entries, *kept[place:]]) + "\n"
    manifest.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
