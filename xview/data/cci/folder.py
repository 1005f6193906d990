"""A world as a data set on disk, and back: pictures and captions any reader opens, and what only CCI has."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from xview.arrays import AnyArray, Bools, Ints
from xview.data.cci.css import CHANGES, SCENES, make_pairs
from xview.data.cci.pictures import Camera, draw, shaken
from xview.data.cci.scenes import WORDS, Change, Scene, Thing, World, difference, make_world
from xview.data.cci.words import caption, instruction
from xview.errors import DataError

SIDE = 64
_FARTHEST, _LARGEST_SIDE = 2, 4096  # shifts and zooms, pixels: what draws a thing takes memory by its square
WORLD_FILE = "world.safetensors"
"""What `make` writes beside what any reader opens."""
_MANIFEST = """\
name = "{name}"
description = "{description}"
{split}
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


@dataclass(frozen=True, slots=True)
class Cameras:
    """What pictures were taken with.

    Attributes:
        each: By picture.
        side: Pixels of a picture's side.
    """

    each: tuple[Camera, ...]
    side: int


@dataclass(frozen=True, eq=False, kw_only=True)
class _Told:
    """What a folder says of its scenes.

    Attributes:
        name, description: Of the data set.
        classes: (n,) class of every scene.
        test: (n,) whether the change that made it is for testing, not training.
        unseen: (n,) whether its class is held out; None where a share of the classes is drawn.
    """

    name: str
    description: str
    classes: Sequence[str]
    test: Bools
    unseen: Bools | None


def make(folder: Path, *, rounds: int, side: int = SIDE, seed: int = 0) -> None:
    """Write a CCI world as a data set folder, whole or not at all; what is there is replaced.

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
    families = _families(world).tolist()
    told = _Told(
        name=f"CCI{rounds}",
        description=f"{len(world):,} flat scenes, each one change away from another (paper 002, section 4.2)",
        classes=[f"family {family}" if family else "source" for family in families],
        test=world.rounds == world.rounds.max(),
        unseen=None,
    )
    _write(folder, world, told, side, seed)


def make_css(
    folder: Path, *, scenes: int = SCENES, changes: int = CHANGES, side: int = SIDE, seed: int = 0
) -> None:
    """Write the pairs of `xview.data.cci.css` as `make` does.

    The class of a picture and its caption is the scene they were made from. Those for training are seen.

    Args:
        folder, side, seed: As for `make`.
        scenes: For training, and as many for testing.
        changes: Of each of them.
    """
    world, test = make_pairs(seed, scenes, changes)
    classes = np.where(world.sources < 0, np.arange(len(world)), world.sources)
    told = _Told(
        name="CSS",
        description=f"{2 * scenes:,} flat scenes and {changes} changes of each (after Vo et al. 2019)",
        classes=[f"scene {number}" for number in classes.tolist()],
        test=test,
        unseen=test,
    )
    _write(folder, world, told, side, seed)


def read_world(folder: Path) -> World | None:
    """The scenes of a data set folder that `make` wrote, by row; None where it is another data set.

    Raises:
        DataError: The file is damaged.
    """
    with _arrays(folder) as arrays:
        if arrays is None:
            return None
        starts, values = arrays["starts"], arrays["things"]
        if (values < 0).any() or (values >= [len(words) for words in WORDS.values()]).any():
            raise ValueError("a thing is like none that can be drawn")
        things = values.tolist()
        scenes = tuple(
            frozenset(Thing(*thing) for thing in things[a:b])
            for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
        )
        sources, rounds = arrays["sources"].astype(np.int64), arrays["rounds"].astype(np.int64)
        if not len(starts) or starts[-1] != len(things) or not len(sources) == len(rounds) == len(scenes):
            raise ValueError("not as many scenes as are told of")
        if (sources >= np.arange(len(scenes))).any():
            raise ValueError("a scene comes before its source")
        changes = tuple(_change_between(scenes, source, n) for n, source in enumerate(sources.tolist()))
        return World(scenes=scenes, sources=sources, changes=changes, rounds=rounds)


def read_cameras(folder: Path) -> Cameras | None:
    """What the pictures of such a folder were taken with; None where that is not told.

    Raises:
        DataError: The file is damaged.
    """
    with _arrays(folder) as arrays:
        if arrays is None or "cameras" not in arrays:
            return None
        cameras = tuple(Camera(*values) for values in arrays["cameras"].tolist())
        if len(cameras) != len(arrays["sources"]):
            raise ValueError("not one camera a scene")
        side = int(arrays["side"][0])
        if not (np.abs(arrays["cameras"]) <= _FARTHEST).all() or not 0 < side <= _LARGEST_SIDE:
            raise ValueError("no picture can be taken so")
        return Cameras(cameras, side)


@contextmanager
def _arrays(folder: Path) -> Iterator[dict[str, AnyArray] | None]:
    """What the world's file holds, None where there is none; what cannot be made of it is its damage."""
    path = folder / WORLD_FILE
    try:
        yield load_file(path) if path.is_file() else None
    except (OSError, SafetensorError, LookupError, TypeError, ValueError) as error:
        raise DataError(f"{path}: damaged ({error}); delete the folder, it is made again") from None


def _change_between(scenes: tuple[Scene, ...], source: int, target: int) -> Change | None:
    if source < 0:
        return None
    gone, come = difference(scenes[source], scenes[target])
    if len(gone) > 1 or len(come) > 1 or not gone + come:
        raise ValueError(f"scene {target} is not one change away from {source}")
    return Change(gone[0] if gone else None, come[0] if come else None)


def _write(folder: Path, world: World, told: _Told, side: int, seed: int) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        part = Path(made) / "part"
        part.mkdir()
        _write_items(part, world, told)
        cameras = Cameras(tuple(shaken(seed, n) for n in range(len(world))), side)
        _write_pictures(part / "images.zip", world, cameras)
        _write_world(part / WORLD_FILE, world, cameras)
        split = "\n[split]\nshare = 0.3\nseed = 0\n" if told.unseen is None else ""
        manifest = _MANIFEST.format(name=told.name, description=told.description, split=split)
        (part / "dataset.toml").write_text(manifest, "utf-8")
        if folder.exists():  # moved, not removed piece by piece: whoever reads it has it whole
            folder.replace(Path(made) / "before")
        part.replace(folder)


def _write_items(folder: Path, world: World, told: _Told) -> None:
    """images.csv, texts.csv and instructions.csv."""
    with (
        (folder / "images.csv").open("w", newline="", encoding="utf-8") as images,
        (folder / "texts.csv").open("w", newline="", encoding="utf-8") as texts,
        (folder / "instructions.csv").open("w", newline="", encoding="utf-8") as said,
    ):
        pictures, captions, instructions = csv.writer(images), csv.writer(texts), csv.writer(said)
        divided = () if told.unseen is None else ("split",)
        pictures.writerow(("id", "title", "label", "path", "instance", *divided))
        captions.writerow(("id", "title", "label", "text", "instance", *divided))
        instructions.writerow(("source", "target", "instruction", "split"))
        for n, scene in enumerate(world.scenes):
            of_class = () if told.unseen is None else (_split(told.unseen[n]),)
            pictures.writerow((n, f"scene {n}", told.classes[n], f"{n:05}.png", n, *of_class))
            captions.writerow((n, f"scene {n}", told.classes[n], caption(scene), n, *of_class))
            change, source = world.changes[n], int(world.sources[n])
            if change is not None:
                words = instruction(change, world.scenes[source])
                instructions.writerow((source, n, words, _split(told.test[n])))


def _split(test: bool) -> str:
    return "test" if test else "train"


def _families(world: World) -> Ints:
    """(n,) the scene of the first round each descends from; 0 for the first scene itself."""
    family = np.zeros(len(world), dtype=np.int64)
    for n in range(1, len(world)):
        family[n] = n if world.rounds[n] == 1 else family[world.sources[n]]
    return family


def _write_pictures(path: Path, world: World, cameras: Cameras) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for n, (scene, camera) in enumerate(zip(world.scenes, cameras.each, strict=True)):
            encoded = io.BytesIO()
            draw(scene, camera, cameras.side).save(encoded, "PNG", compress_level=3)
            archive.writestr(zipfile.ZipInfo(f"{n:05}.png"), encoded.getvalue())


def _write_world(path: Path, world: World, cameras: Cameras) -> None:
    things = [thing for scene in world.scenes for thing in sorted(scene)]
    starts = np.cumsum([0, *(len(scene) for scene in world.scenes)])
    arrays: dict[str, AnyArray] = {
        "things": np.array(things, dtype=np.int8),
        "starts": starts.astype(np.int64),
        "sources": world.sources,
        "rounds": world.rounds,
        "cameras": np.array([astuple(camera) for camera in cameras.each], dtype=np.float64),
        "side": np.array([cameras.side], dtype=np.int64),
    }
    save_file(arrays, path)
