"""Two scenes are told apart attribute by attribute, with where it shows."""

import pytest

from tests.unit.session.workspaces import pairs
from xview.data.cci.folder import make
from xview.data.cci.pictures import box, shaken
from xview.data.cci.scenes import PLACES, WORDS, make_world
from xview.data.cci.words import name
from xview.data.open import open_dataset
from xview.retrieval.stepping_stones import Vertex
from xview.session.scene_diff import ADDED, REMOVED, scene_differences


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds") / "cci"
    make(folder, rounds=2, side=32, seed=6)
    return open_dataset(folder)


def test_a_scene_and_its_source_differ_by_the_change_that_made_it(data):
    world, kinds = make_world(6, 2), set()
    for n in range(1, 111):
        source, change = int(world.sources[n]), world.changes[n]
        told = scene_differences(data, Vertex("images", source), Vertex("texts", n))
        (row,) = told.rows
        assert told.neighbours
        thing = change.gone or change.come
        called = f"{name(thing)} at the {PLACES[thing.place]}"
        kinds.add(row.attribute)
        assert row.thing == called
        if change.gone is None:
            assert (row.attribute, row.before, row.after) == (ADDED, "", called)
        elif change.come is None:
            assert (row.attribute, row.before, row.after) == (REMOVED, called, "")
        else:
            words = WORDS[change.attribute]
            values = [words[getattr(one, change.attribute)] for one in (change.gone, change.come)]
            assert [row.attribute, row.before, row.after] == [change.attribute, *values]
        for thing, where, shown in ((change.gone, source, row.box_before), (change.come, n, row.box_after)):
            assert shown == (None if thing is None else box(thing, shaken(6, where), 32))
    assert kinds == {*WORDS, ADDED, REMOVED}


def test_far_scenes_are_no_neighbours_and_equal_ones_have_no_differences(data):
    far = scene_differences(data, Vertex("images", 11), Vertex("images", 110))
    assert len(far.rows) >= 2 and not far.neighbours
    same = scene_differences(data, Vertex("images", 5), Vertex("texts", 5))
    assert same.rows == () and not same.neighbours


def test_other_data_has_no_scenes_to_tell_apart():
    made = pairs().dataset
    assert scene_differences(made, Vertex("photos", 0), Vertex("photos", 1)) is None
