"""A world as a data set on disk, and back: pictures and captions any reader opens, and what only CCI has."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from xview.arrays import AnyArray, Ints
from xview.data.cci.pictures import draw, shaken
from xview.data.cci.scenes import Change, Scene, Thing, World, difference, make_world
from xview.data.cci.words import caption, instruction
from xview.errors import DataError

SIDE = 64
_WORLD = "world.safetensors"
_MANIFEST = """\
name = "CCI{rounds}"
description = "{count:,} flat scenes, each one change away from another (paper 002, section 4.2)"

[split]
share = 0.3
seed = 0

[modifications]
modality = "images"
items = "instructions.csv"

[modalities.images]
kind = "image"
items = "images.csv"
pictures = "images.zip"

[modalities.texts]
kind = "text"
items = "texts.csv"
"""


def make(folder: Path, *, rounds: int, side: int = SIDE, seed: int = 0) -> None:
    """Write a world as a data set folder, whole or not at all; what is there is replaced.

    Pictures and captions of one scene are one instance. Their class is the scene of the first round they
    descend from: what a person would call the same arrangement. Three of ten classes are unseen. Changes of
    the last round are for testing, all others for training (paper 002, section 4.2).

    Args:
        folder: To be written; its parent is made where it is missing.
        rounds: 1 to 4: 11, 111, 1,111 or 11,111 scenes.
        side: Pixels of a picture's side.
        seed: Decides scenes, words and pixels.
    """
    world = make_world(seed, rounds)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        part = Path(made) / "part"
        part.mkdir()
        _write_items(part, world)
        _write_pictures(part / "images.zip", world, side, seed)
        _write_world(part / _WORLD, world)
        (part / "dataset.toml").write_text(_MANIFEST.format(rounds=rounds, count=len(world)), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        part.replace(folder)


def read_world(folder: Path) -> World | None:
    """The scenes of a data set folder that `make` wrote, by row; None where it is another data set.

    Raises:
        DataError: The file is damaged.
    """
    path = folder / _WORLD
    if not path.is_file():
        return None
    try:
        arrays = load_file(path)
        starts, things = arrays["starts"], arrays["things"].tolist()
        scenes = tuple(
            frozenset(Thing(*thing) for thing in things[a:b])
            for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        )
        sources = arrays["sources"].astype(np.int64)
        if len(sources) != len(scenes) or (sources >= np.arange(len(scenes))).any():
            raise ValueError("a scene comes before its source")
        changes = tuple(_change_between(scenes, source, n) for n, source in enumerate(sources.tolist()))
        return World(
            scenes=scenes, sources=sources, changes=changes, rounds=arrays["rounds"].astype(np.int64)
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: damaged ({error}); delete the folder, it is made again") from None


def _change_between(scenes: tuple[Scene, ...], source: int, target: int) -> Change | None:
    if source < 0:
        return None
    gone, come = difference(scenes[source], scenes[target])
    if len(gone) > 1 or len(come) > 1 or not gone + come:
        raise ValueError(f"scene {target} is not one change away from {source}")
    return Change(gone[0] if gone else None, come[0] if come else None)


def _write_items(folder: Path, world: World) -> None:
    """images.csv, texts.csv and instructions.csv."""
    families, last = _families(world), int(world.rounds.max())
    with (
        (folder / "images.csv").open("w", newline="", encoding="utf-8") as images,
        (folder / "texts.csv").open("w", newline="", encoding="utf-8") as texts,
        (folder / "instructions.csv").open("w", newline="", encoding="utf-8") as told,
    ):
        pictures, captions, instructions = csv.writer(images), csv.writer(texts), csv.writer(told)
        pictures.writerow(("id", "title", "label", "path", "instance"))
        captions.writerow(("id", "title", "label", "text", "instance"))
        instructions.writerow(("source", "target", "instruction", "split"))
        for n, scene in enumerate(world.scenes):
            label = f"family {families[n]}" if families[n] else "source"
            pictures.writerow((n, f"scene {n}", label, f"{n:05}.png", n))
            captions.writerow((n, f"scene {n}", label, caption(scene), n))
            change, source = world.changes[n], int(world.sources[n])
            if change is not None:
                words = instruction(change, world.scenes[source])
                split = "test" if world.rounds[n] == last else "train"
                instructions.writerow((source, n, words, split))


def _families(world: World) -> Ints:
    """(n,) the scene of the first round each descends from; 0 for the first scene itself."""
    family = np.zeros(len(world), dtype=np.int64)
    for n in range(1, len(world)):
        family[n] = n if world.rounds[n] == 1 else family[world.sources[n]]
    return family


def _write_pictures(path: Path, world: World, side: int, seed: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for n, scene in enumerate(world.scenes):
            encoded = io.BytesIO()
            draw(scene, shaken(seed, n), side).save(encoded, "PNG", compress_level=3)
            archive.writestr(zipfile.ZipInfo(f"{n:05}.png"), encoded.getvalue())


def _write_world(path: Path, world: World) -> None:
    things = [thing for scene in world.scenes for thing in sorted(scene)]
    starts = np.cumsum([0, *(len(scene) for scene in world.scenes)])
    arrays: dict[str, AnyArray] = {
        "things": np.array(things, dtype=np.int8),
        "starts": starts.astype(np.int64),
        "sources": world.sources,
        "rounds": world.rounds,
    }
    save_file(arrays, path)
