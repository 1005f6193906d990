"""What a shortest way draws over each kind of map, against cases made by hand."""

from __future__ import annotations

from tests.unit.session.workspaces import pairs
from xview.qt.maps.scene import Bridge, Hit, Overlay, Route, Stop
from xview.qt.path_layer import path_overlay
from xview.retrieval.stepping_stones import Vertex
from xview.session.scene import Scene
from xview.session.steps import Step

WORKSPACE = pairs(items=10)  # points 0 to 9 of a shared map are sketches, 10 to 19 photos


def scene(space):
    return Scene(WORKSPACE.dataset, WORKSPACE.spaces[space])


def steps(*items, first=0.0):
    """A way over photos (p) and sketches (s), such as p3."""
    names = {"p": "photos", "s": "sketches"}
    lengths = [first, *[0.5] * (len(items) - 1)]
    return [
        Step(Vertex(names[item[0]], int(item[1:])), length)
        for item, length in zip(items, lengths, strict=True)
    ]


FROM_PHOTO = Overlay(queries=(13,), hits=(Hit(14, 1),), bridges=(Bridge(15, 1.0),))


def test_every_item_is_a_stop_where_the_map_has_both_modalities():
    drawn = path_overlay(scene("shared"), FROM_PHOTO, steps("p3", "s2", "p7"), "photos", None)
    assert drawn.route == Route((Stop(13, 0), Stop(2, 1, stone=True), Stop(17, 2)))
    assert drawn.queries == (13,) and not drawn.hits and not drawn.bridges


def test_what_a_map_lacks_is_leapt_over_and_numbers_go_on():
    way = steps("p3", "s2", "s4", "p7", "p8", "s1")
    drawn = path_overlay(scene("photos"), Overlay(queries=(3,)), way, "photos", None)
    assert drawn.route == Route((Stop(3, 0), Stop(7, 3, leap=True), Stop(8, 4)))
    stones = path_overlay(scene("sketches"), Overlay(), way, "photos", None)
    assert stones.route == Route(
        (Stop(2, 1, stone=True, leap=True), Stop(4, 2, stone=True), Stop(1, 5, stone=True, leap=True))
    )


def test_a_query_that_is_no_vertex_is_where_the_way_begins():
    outside = Overlay(outside=((1.5, 2.5),))
    drawn = path_overlay(scene("photos"), outside, steps("p3", "p4", first=0.2), "photos", None)
    assert drawn.route == Route((Stop(3, 1), Stop(4, 2)), start=(1.5, 2.5))
    several = path_overlay(scene("photos"), Overlay(queries=(9, 8)), steps("p3", first=0.2), "photos", None)
    assert several.route == Route((Stop(3, 1),))


def test_the_item_looked_at_is_ringed_where_it_is_a_point():
    way = steps("p3", "s2", "p7")
    for current, shared, photos in (("p7", 17, 7), ("s2", 2, -1)):
        (item,) = (step.item for step in steps(current))
        assert path_overlay(scene("shared"), Overlay(), way, "photos", item).route.current == shared
        assert path_overlay(scene("photos"), Overlay(), way, "photos", item).route.current == photos


def test_results_stay_beside_a_way_that_is_not_alone():
    way = steps("p3", "p7")
    drawn = path_overlay(scene("shared"), FROM_PHOTO, way, "photos", None, alone=False)
    assert drawn.hits == FROM_PHOTO.hits and len(drawn.route.stops) == 2
    assert path_overlay(scene("shared"), FROM_PHOTO, (), "photos", None, alone=False) == FROM_PHOTO
    assert path_overlay(scene("shared"), FROM_PHOTO, (), "photos", None).route is None
