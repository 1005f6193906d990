"""Made worlds, in spaces of their own to follow ways in, or with what learnt to modify their pictures."""

import numpy as np
import pytest

from xview.cli import main
from xview.data.cci.folder import make
from xview.data.cci.worlds import world_of
from xview.data.open import open_dataset
from xview.session.workspace import Workspace
from xview.spaces.space import EmbeddingSpace


def on_a_circle(folder):
    """Pictures and captions of 111 scenes, all on a circle: picture n at n degrees, captions just above."""
    make(folder, rounds=2, side=16)
    at = np.radians(np.arange(111, dtype=np.float64))
    images = np.stack([np.cos(at), np.sin(at), np.zeros(111)], axis=1).astype(np.float32)
    texts = np.stack([np.cos(at + 0.01), np.sin(at + 0.01), np.zeros(111)], axis=1).astype(np.float32)
    images[50:53] = [[0, 0, 1]] * 3  # an island, and a gap that only captions bridge
    spaces = {
        "joint": EmbeddingSpace(name="joint", parts={"images": images, "texts": texts}),
        "alone": EmbeddingSpace(name="alone", parts={"images": images}),
    }
    return Workspace(dataset=open_dataset(folder), spaces=spaces)


def write_joint(folder, *, rounds=2, width=24):
    """A world whose space "joint" holds pictures near those that show nearly the same, captions beside them.

    Returns:
        Its data set and the space's parts.
    """
    make(folder, rounds=rounds, side=16, seed=2)
    world = world_of(open_dataset(folder))
    rng, codes = np.random.default_rng(0), {}
    images = np.zeros((len(world.scenes), width))
    for n, scene in enumerate(world.scenes):
        for thing in sorted(scene):
            for place, value in enumerate(thing):
                images[n] += codes.setdefault((place, value, thing.place), rng.normal(size=width))
    parts = {"images": images, "texts": images + 0.4 * rng.normal(size=images.shape)}
    for name, points in parts.items():
        parts[name] = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
        np.save(folder / f"{name}.npy", parts[name])
    with (folder / "dataset.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('\n[spaces.joint]\nimages = "images.npy"\ntexts = "texts.npy"\n')
    return open_dataset(folder), parts


TINY = ("side=16", "maps=4", "dim=8", "words=8", "batch=4", "device=cpu")
"""Settings of a composition that learns in a second."""


def taught(place, *, epochs=1):
    """Write a world of 111 scenes, and a run "tirg-1" that learnt, a little, to modify them."""
    make(place / "data", rounds=2, side=16)
    with pytest.MonkeyPatch.context() as patch:
        live_at(place, patch)
        settings = [part for value in (*TINY, f"epochs={epochs}") for part in ("--set", value)]
        assert main(["train", str(place / "data"), "--system", "tirg", *settings]) == 0


def live_at(place, patch):
    """Keep runs and what is cached below a folder."""
    patch.setenv("XVIEW_RUNS", str(place / "runs"))
    patch.setenv("XVIEW_CACHE", str(place / "cache"))
