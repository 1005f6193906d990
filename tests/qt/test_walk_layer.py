"""What a frame draws over each kind of map."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.unit.session.workspaces import asked, pairs
from xview.data.protocol import Protocol
from xview.qt.maps.scene import Hit, Overlay, Tone
from xview.qt.walk_layer import LINKS, path_lines, walk_overlay
from xview.retrieval.base import Side
from xview.session.engine import Engine
from xview.session.scene import Scene
from xview.session.walking import paths_to, walk, walker_of

WORKSPACE = pairs(items=40)
ACROSS = Protocol(query="sketches", gallery="photos")


def walking_of(*ids, **view):
    resolved = asked(WORKSPACE, *ids, protocol=ACROSS, **view)
    return resolved, walk(Engine(WORKSPACE), resolved, *walker_of(resolved))


def scene(space):
    return Scene(WORKSPACE.dataset, WORKSPACE.spaces[space])


def star(where, resolved):
    return Overlay(queries=tuple(where.points("sketches", resolved.query_rows).tolist()))


@pytest.mark.parametrize("frame", [0, 5, -1])
def test_halos_are_each_sides_mass_against_its_heaviest(frame):
    resolved, walking = walking_of("sketches-2")
    frame %= len(walking.steps)
    task, shared = resolved.task, scene("shared")
    drawn = walk_overlay(shared, star(shared, resolved), walking, frame, ())
    expected = np.zeros(80)
    expected[task.query_rows] = walking.steps.x.mass(frame) / walking.steps.x.mass(frame).max()
    expected[40 + task.gallery_rows] = walking.steps.y.mass(frame) / walking.steps.y.mass(frame).max()
    np.testing.assert_allclose(drawn.mass, expected)
    for space, part in (("sketches", slice(0, 40)), ("photos", slice(40, 80))):
        alone = walk_overlay(scene(space), Overlay(), walking, frame, ())
        np.testing.assert_allclose(alone.mass, expected[part])


def test_what_does_not_count_has_no_halo():
    settings = walker_of(asked(WORKSPACE, "sketches-2", protocol=ACROSS))[0].settings
    for lam, empty in ((0.0, "sketches"), (1.0, "photos")):
        changed = type(settings)(lam=lam)
        resolved, walking = walking_of("sketches-2", settings=(("heterogeneous", changed),))
        assert not walk_overlay(scene(empty), star(scene(empty), resolved), walking, 3, ()).mass.any()
        assert walk_overlay(scene("shared"), star(scene("shared"), resolved), walking, 3, ()).mass.any()


def test_lines_are_the_links_in_and_across_on_shared_maps_and_diamonds_elsewhere():
    resolved, walking = walking_of("sketches-2")
    shared, own = scene("shared"), scene("photos")
    drawn = walk_overlay(shared, star(shared, resolved), walking, 4, ())
    (lines,) = drawn.lines
    assert lines.tone is Tone.PATH and not drawn.bridges
    hop = walking.steps.y.source
    anchors = set((40 + resolved.task.gallery_rows[np.flatnonzero(hop)]).tolist())
    asks = drawn.queries[0]
    entering = {(asks, anchor) for anchor in anchors}
    rows, columns, _ = walking.steps.crossings(4, LINKS)
    crossing = set(
        zip(
            resolved.task.query_rows[rows].tolist(),
            (40 + resolved.task.gallery_rows[columns]).tolist(),
            strict=True,
        )
    )
    assert set(map(tuple, lines.ends.tolist())) == entering | crossing
    assert lines.strength.max() == 1.0 and lines.strength.min() > 0
    diamonds = walk_overlay(own, Overlay(), walking, 4, ()).bridges
    assert {40 + bridge.index for bridge in diamonds} == anchors
    assert sum(bridge.share for bridge in diamonds) == pytest.approx(1.0)


def test_a_chosen_result_shows_its_paths_and_nothing_else():
    resolved, walking = walking_of("sketches-2")
    task, best = resolved.task, 3
    paths = paths_to(Engine(WORKSPACE), resolved, *walker_of(resolved), best)
    shared, own = scene("shared"), scene("photos")
    result = int(40 + task.gallery_rows[best])
    before = Overlay(hits=(Hit(result, 4), Hit(result - 40, 1)))
    drawn = walk_overlay(shared, before, walking, 2, paths)
    assert [hit.index for hit in drawn.hits] == [result]
    expected = set()
    for path in paths:
        stops = [
            int(task.query_rows[s.position])
            if s.side is Side.QUERY
            else 40 + int(task.gallery_rows[s.position])
            for s in path.stops
        ]
        expected |= set(pairwise(stops))
    (lines,) = drawn.lines
    assert set(map(tuple, lines.ends.tolist())) == expected
    assert lines.strength.max() == 1.0
    inside = {(a - 40, b - 40) for a, b in expected if a >= 40 and b >= 40}
    alone = path_lines(own, task, paths)
    assert {tuple(end) for part in alone for end in part.ends.tolist()} == inside
    assert path_lines(shared, task, ()) == ()
