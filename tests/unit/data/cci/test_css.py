"""CSS-like pairs: one change apart, no combination of training in testing or the other way round."""

import numpy as np
import pytest

from xview.data.cci.css import make_pairs
from xview.data.cci.folder import make_css, read_world
from xview.data.cci.scenes import COLOURS, FEWEST, MATERIALS, MOST, SHAPES, neighbours
from xview.data.cci.words import caption
from xview.data.open import open_dataset

SCENES, CHANGES = 40, 10


@pytest.fixture(scope="module")
def made():
    return make_pairs(3, SCENES, CHANGES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("css") / "small"
    make_css(place, scenes=6, changes=4, side=32, seed=3)
    return place


def combinations(scenes):
    return {(SHAPES[thing.shape], COLOURS[thing.colour]) for scene in scenes for thing in scene}


def apart(one, other):
    """Changes between two scenes by comparing place by place: (of things in number, of attributes)."""
    at = [{thing.place: thing for thing in scene} for scene in (one, other)]
    counted = len(at[0].keys() ^ at[1].keys())
    attributes = [
        name
        for place in at[0].keys() & at[1].keys()
        for name, a, b in zip(at[0][place]._fields, at[0][place], at[1][place], strict=True)
        if a != b
    ]
    return counted, attributes


def test_every_pair_is_one_change_apart(made):
    world, _ = made
    kinds = set()
    assert len(world) == 2 * SCENES * (CHANGES + 1)
    for n, source in enumerate(world.sources.tolist()):
        if n % (CHANGES + 1) == 0:
            assert source == -1
            continue
        assert source == n - n % (CHANGES + 1)
        counted, attributes = apart(world.scenes[source], world.scenes[n])
        assert counted + len(attributes) == 1
        kinds.add(attributes[0] if attributes else len(world.scenes[n]) - len(world.scenes[source]))
    assert kinds == {1, -1, "colour", "size"}


def test_sources_and_targets_are_reachable_neighbours(made):
    world, _ = made
    near = set(map(tuple, neighbours(world.scenes).tolist()))
    pairs = {(source, n) for n, source in enumerate(world.sources.tolist()) if source >= 0}
    assert pairs <= near


def test_no_combination_held_out_is_in_training(made):
    """Cubes and cylinders swap their colours, so that the halves share those of spheres alone."""
    world, test = made
    trained = combinations(scene for scene, held in zip(world.scenes, test, strict=True) if not held)
    tested = combinations(scene for scene, held in zip(world.scenes, test, strict=True) if held)
    both = {("sphere", colour) for colour in COLOURS}
    assert trained & tested == both
    assert trained | tested == {(shape, colour) for shape in SHAPES for colour in COLOURS}


def test_scenes_are_all_different_and_neither_empty_nor_full(made):
    world, test = made
    assert len(set(world.scenes)) == len(world)
    assert {len(scene) for scene in world.scenes} == set(range(FEWEST, MOST + 1))
    assert {MATERIALS[thing.material] for scene in world.scenes for thing in scene} == {"rubber"}
    assert (test == (np.arange(len(world)) >= len(world) / 2)).all()


def test_a_seed_decides_every_byte(folder, tmp_path):
    for name, seed in (("again", 3), ("other", 4)):
        make_css(tmp_path / name, scenes=6, changes=4, side=32, seed=seed)
    files = sorted(path.name for path in folder.iterdir())
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == files
    for name in files:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert (folder / "images.zip").read_bytes() != (tmp_path / "other" / "images.zip").read_bytes()


def test_training_and_testing_share_no_scene_and_no_class(folder):
    data = open_dataset(folder)
    images, texts, pairs = data.collection("images"), data.collection("texts"), data.modifications
    assert len(images) == len(texts) == 60
    assert len(pairs) == 48
    assert pairs.seen.sum() == 24
    assert images.seen.tolist() == texts.seen.tolist() == [True] * 30 + [False] * 30
    assert (images.seen[pairs.sources] == pairs.seen).all()
    assert (images.seen[pairs.targets] == pairs.seen).all()
    assert (images.labels[pairs.sources] == images.labels[pairs.targets]).all()


def test_scenes_come_back_with_their_captions(folder):
    world, _ = make_pairs(3, 6, 4)
    back = read_world(folder)
    assert back.scenes == world.scenes
    assert back.changes == world.changes
    texts = open_dataset(folder).collection("texts")
    assert [texts.payloads.text(row) for row in range(60)] == [caption(scene) for scene in world.scenes]
