"""A way is told item by item, with what changes between scenes, beside both kinds of neighbours."""

from itertools import pairwise

import numpy as np
import pytest

from tests.unit.worlds import on_a_circle
from xview.data.cci.scenes import make_world
from xview.data.cci.words import caption, differences
from xview.data.cci.worlds import scenes_of
from xview.errors import QueryError, SpaceError
from xview.retrieval.geodesic import GeodesicSettings
from xview.session.paths import Ways


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return on_a_circle(tmp_path_factory.mktemp("worlds") / "cci")


def ways(workspace, **settings):
    return Ways(
        workspace, "images", "joint", GeodesicSettings(threshold=np.radians(2.5), align=False, **settings)
    )


def test_a_way_crosses_a_gap_between_pictures_over_captions(workspace):
    found = ways(workspace).between(47, 55)
    items = [step.item for step in found.steps]
    assert (items[0].modality, items[0].row) == ("images", 47) and items[-1].row == 55
    assert {item.modality for item in items[1:-1]} >= {"texts"}
    assert sum(step.length for step in found.steps) == pytest.approx(np.radians(8), abs=1e-4)
    assert found.direct == pytest.approx(np.radians(8), abs=1e-4)
    assert (found.vertices, found.stones) == (222, 111)
    assert found.components == 2 and found.retrievable == 107
    alone = ways(workspace, stones=False).between(47, 55)
    assert alone.steps == () and alone.stones == 0 and alone.components == 3
    assert alone.retrievable == 49 and "out of reach" in alone.notes[0]


def test_every_step_tells_what_changes(workspace):
    world = make_world(0, 2)
    assert scenes_of(workspace.dataset) == world.scenes
    found = ways(workspace).between(3, 6)
    assert found.steps[0].changes is None
    for last, step in pairwise(found.steps):
        assert step.changes == differences(world.scenes[last.item.row], world.scenes[step.item.row])
        assert (step.changes == ()) == (last.item.row == step.item.row)


def test_both_nearest_neighbours_stand_beside_each_other(workspace):
    found = ways(workspace).between(20, top=3)
    assert found.steps[-1].item.row in (19, 21) and len(found.geodesic) == len(found.euclidean) == 3
    assert {one.item.row for one in found.euclidean[:2]} == {19, 21}
    assert [one.distance for one in found.geodesic] == sorted(one.distance for one in found.geodesic)
    assert found.geodesic[0].distance == pytest.approx(np.radians(1), abs=1e-5)


def test_what_cannot_be_asked_is_said(workspace):
    alone = Ways(workspace, "images", "alone", GeodesicSettings(threshold=0.001))
    with pytest.raises(QueryError, match="no way leads on"):
        alone.between(5)
    assert len(alone.between(5, 5).steps) == 1
    with pytest.raises(SpaceError, match=r"no space 'none' \(known: joint, alone\)"):
        Ways(workspace, "images", "none", GeodesicSettings())


def test_differences_lead_from_one_scene_to_the_other():
    world = make_world(2, 2)
    assert differences(world.scenes[0], world.scenes[0]) == ()
    for number in range(1, 30):
        source = int(world.sources[number])
        (told,) = differences(world.scenes[source], world.scenes[number])
        assert told and caption(world.scenes[number]) != caption(world.scenes[source])
    far = differences(world.scenes[11], world.scenes[110])
    assert 2 <= len(far) <= 4 + 4
