"""What is known of a made world: scenes, where a change shows, and neighbours."""

import os

import pytest

from xview.data.cci.folder import make
from xview.data.cci.pictures import Box, box, shaken
from xview.data.cci.scenes import Change, make_world, neighbours
from xview.data.cci.worlds import KnownWorld, scenes_of, world_of
from xview.data.open import open_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds") / "cci"
    make(folder, rounds=2, side=32, seed=6)
    return open_dataset(folder)


def test_the_scenes_of_a_made_world_are_known_and_others_are_not(data):
    world = make_world(6, 2)
    assert scenes_of(data) == world.scenes
    assert (world_of(data).neighbours == neighbours(world.scenes)).all()
    assert scenes_of(open_dataset("digits")) is None


def test_a_world_is_read_once_until_it_is_written_anew(data, tmp_path):
    assert world_of(data) is world_of(data)
    make(tmp_path / "cci", rounds=1, side=16)
    again = open_dataset(tmp_path / "cci")
    first = world_of(again)
    make(tmp_path / "cci", rounds=2, side=16)
    os.utime(tmp_path / "cci" / "world.safetensors", ns=(1, 1))
    assert world_of(again) is None  # its rows are of the world before
    assert (len(first.scenes), len(world_of(open_dataset(tmp_path / "cci")).scenes)) == (11, 111)


def test_rows_that_came_since_are_no_scenes(tmp_path):
    make(tmp_path / "cci", rounds=1, side=16)
    with (tmp_path / "cci" / "texts.csv").open("a", encoding="utf-8") as file:
        file.write("eleven,,source,a sphere of one's own,\n")
    assert world_of(open_dataset(tmp_path / "cci")) is None


def test_a_change_shows_around_the_thing_and_a_move_at_both_places(data):
    world = world_of(data)
    for row in range(40):
        thing = min(world.scenes[row])
        camera = shaken(6, row)
        here, larger = (box(one, camera, 32) for one in (thing, thing._replace(size=1 - thing.size)))
        (around,) = world.boxes(row, Change(thing._replace(size=1 - thing.size), thing))
        assert around.left == min(here.left, larger.left) and around.top == min(here.top, larger.top)
        assert around.left + around.width == max(b.left + b.width for b in (here, larger))
        assert around.top + around.height == max(b.top + b.height for b in (here, larger))
        moved = thing._replace(place=(thing.place + 1) % 9)
        assert world.boxes(row, Change(moved, thing)) == (box(moved, camera, 32), here)
        assert world.boxes(row, Change(thing, None)) == world.boxes(row, Change(None, thing)) == (here,)


def test_without_cameras_nothing_is_told_of_boxes(data):
    known = KnownWorld(world_of(data).scenes, None)
    thing = min(known.scenes[0])
    assert known.box(0, thing) is None and known.boxes(0, Change(None, thing)) == ()
    assert isinstance(world_of(data).box(0, thing), Box)
