"""A way is told item by item, with what changes between scenes, beside both kinds of neighbours."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.graph.test_geodesic import angles, floyd_warshall, unit
from tests.unit.session.workspaces import pairs
from tests.unit.worlds import on_a_circle
from xview.data.cci.scenes import WORDS, alterations, make_world
from xview.data.cci.words import caption, differences
from xview.data.cci.worlds import scenes_of, world_of
from xview.data.protocol import Classes, Protocol
from xview.errors import QueryError
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine
from xview.session.paths import way, where
from xview.session.resolve import resolve
from xview.session.state import Feedback, ItemsQuery, TextQuery, ViewState
from xview.session.steps import partner_of

EVERYTHING = {"query_classes": Classes.ALL, "gallery_classes": Classes.ALL}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return on_a_circle(tmp_path_factory.mktemp("worlds") / "cci")


def between(workspace, one, other=None, *, space="joint", top=5, threshold=2.5, **settings):
    """The way from picture to picture, over steps below a threshold in degrees."""
    chosen = GeodesicSettings(threshold=np.radians(threshold), align=False, **settings)
    protocol = Protocol(query="images", gallery="images", **EVERYTHING)
    state = ViewState(
        protocol=protocol,
        query=ItemsQuery((str(one),)),
        spaces=SpaceChoice(shared=space),
        settings=(("geodesic", chosen),),
    )
    return way(Engine(workspace), resolve(state, workspace), other, top=top)


def test_a_way_crosses_a_gap_between_pictures_over_captions(workspace):
    found = between(workspace, 47, 55)
    items = [step.item for step in found.steps]
    assert (items[0].modality, items[0].row) == ("images", 47) and items[-1].row == 55
    assert {item.modality for item in items[1:-1]} >= {"texts"}
    assert sum(step.length for step in found.steps) == pytest.approx(np.radians(8), abs=1e-4)
    assert found.direct == pytest.approx(np.radians(8), abs=1e-4)
    assert (found.vertices, found.stones) == (222, 111)
    assert found.components == 2 and found.retrievable == 107
    alone = between(workspace, 47, 55, stones=False)
    assert alone.steps == () and alone.stones == 0 and alone.components == 3
    assert alone.retrievable == 49 and "out of reach" in alone.notes[0]


def test_every_step_tells_what_changes(workspace):
    world = make_world(0, 2)
    assert scenes_of(workspace.dataset) == world.scenes
    found = between(workspace, 3, 6)
    assert found.steps[0].changes is None
    for last, step in pairwise(found.steps):
        assert step.changes == differences(world.scenes[last.item.row], world.scenes[step.item.row])
        assert (step.changes == ()) == (last.item.row == step.item.row)


def test_both_nearest_neighbours_stand_beside_each_other(workspace):
    found = between(workspace, 20, top=3)
    assert found.steps[-1].item.row in (19, 21) and len(found.geodesic) == len(found.euclidean) == 3
    assert {one.item.row for one in found.euclidean[:2]} == {19, 21}
    assert [one.distance for one in found.geodesic] == sorted(one.distance for one in found.geodesic)
    assert found.geodesic[0].distance == pytest.approx(np.radians(1), abs=1e-5)


def test_an_item_without_a_way_on_is_said_but_may_be_its_own_end(workspace):
    alone = {"space": "alone", "threshold": 0.05}
    with pytest.raises(QueryError, match="no way leads on"):
        between(workspace, 5, **alone)
    assert len(between(workspace, 5, 5, **alone).steps) == 1


def test_the_threshold_that_helps_may_be_that_of_stones(workspace):
    """Pictures are 1 degree apart, 0.0175 rad; a caption stands between, 0.01 rad from the first."""
    with pytest.raises(
        QueryError, match=r"below 0\.005 rad; raise the threshold to 0\.01[01], or the degree"
    ):
        between(workspace, 5, threshold=np.degrees(0.005))
    with pytest.raises(QueryError, match=r"raise the threshold to 0\.018, or the degree"):
        between(workspace, 5, threshold=np.degrees(0.005), stones=False)


def test_a_threshold_beyond_what_is_known_of_the_graph_is_told_as_well(workspace):
    """The island's pictures have each other; from elsewhere only a wide step, of 90 degrees, leads there."""
    state = ViewState(
        protocol=Protocol(query="images", gallery="images", **EVERYTHING),
        query=ItemsQuery(("50", "51", "52")),
        spaces=SpaceChoice(shared="alone"),
        settings=(("geodesic", GeodesicSettings(threshold=0.02)),),
    )
    with pytest.raises(QueryError, match=r"raise the threshold to 1\.571, or the degree"):
        way(Engine(workspace), resolve(state, workspace))


def test_differences_lead_from_one_scene_to_the_other():
    world = make_world(2, 2)
    assert differences(world.scenes[0], world.scenes[0]) == ()
    for number in range(1, 30):
        source = int(world.sources[number])
        (told,) = differences(world.scenes[source], world.scenes[number])
        assert told and caption(world.scenes[number]) != caption(world.scenes[source])
    far = differences(world.scenes[11], world.scenes[110])
    assert 2 <= len(far) <= 4 + 4


ALIKE = Protocol(query="photos", gallery="photos", **EVERYTHING)
ACROSS = Protocol(query="sketches", gallery="photos", **EVERYTHING)


def request(made, protocol, query, threshold=1.2, **view):
    settings = GeodesicSettings(threshold=threshold, align=False, **view.pop("settings", {}))
    state = ViewState(protocol=protocol, query=query, settings=(("geodesic", settings),), **view)
    return resolve(state, made)


def lengths_by_hand(made, threshold, asking, *, stones=True):
    """Geodesics from vectors that ask to all photos: every pair measured, then Floyd and Warshall."""
    space = made.spaces["shared"]
    x = np.concatenate([space.unit("photos"), *([space.unit("sketches")] if stones else [])])
    x = x.astype(np.float64)
    n = len(x)
    apart = angles(np.concatenate([x, asking]))
    lengths = np.where(apart < threshold, apart, np.inf)
    lengths[:n, n:] = np.inf  # what asks is left, never passed through
    lengths[n:, n:] = np.inf
    return floyd_warshall(lengths)[n:, :20].min(axis=0), apart[n:, :20].min(axis=0)


@pytest.mark.parametrize("stones", [True, False])
@pytest.mark.parametrize("protocol", [ALIKE, ACROSS])
@pytest.mark.parametrize("rows", [[4], [4, 11]])
def test_ways_are_the_shortest_from_whatever_items_ask(protocol, rows, stones):
    made = pairs(groups=False)
    ids = tuple(f"{protocol.query}-{row}" for row in rows)
    shared = SpaceChoice(shared="shared")
    resolved = request(made, protocol, ItemsQuery(ids), spaces=shared, settings={"stones": stones})
    asking = made.spaces["shared"].unit(protocol.query)[rows]
    geodesic, direct = lengths_by_hand(made, 1.2, asking, stones=stones)
    others = [n for n in range(20) if protocol is ACROSS or n not in rows]
    engine, met = Engine(made), []
    for target in range(20):
        found = way(engine, resolved, target)
        assert (found.target, found.outside) == (Vertex("photos", target), False)
        assert found.direct == pytest.approx(direct[target], abs=1e-5)
        assert found.length == pytest.approx(geodesic[target], abs=1e-5)
        if found.steps:
            first = found.steps[0]
            assert first.item.modality == protocol.query and first.item.row in rows and first.length == 0
            assert found.steps[-1].item == found.target
            assert {step.item.modality for step in found.steps[1:]} <= {"photos", *["sketches"] * stones}
            met.append(target)
    assert found.others == len(others)
    assert found.retrievable == len(set(met) & set(others))
    for told, distance in ((found.geodesic, geodesic), (found.euclidean, direct)):
        reached = [n for n in others if np.isfinite(distance[n])]
        nearest = sorted(reached, key=lambda n: distance[n])[:5]
        assert [one.item.row for one in told] == nearest
        assert [one.distance for one in told] == pytest.approx([distance[n] for n in nearest], abs=1e-5)


def test_what_is_right_is_of_the_querys_class_and_unknown_where_that_is():
    made = pairs()
    found = way(Engine(made), request(made, ACROSS, ItemsQuery(("sketches-6",))), top=20)
    labels = made.dataset.collection("photos").labels
    for one in (*found.geodesic, *found.euclidean):
        assert one.right == (labels[one.item.row] == made.dataset.collection("sketches").labels[6])
    assert found.differ == (found.geodesic[0].item != found.euclidean[0].item)
    several = way(Engine(made), request(made, ACROSS, ItemsQuery(("sketches-6", "sketches-7"))))
    assert {one.right for one in several.geodesic} == {None}


def test_a_query_from_outside_enters_the_graph():
    made = pairs()
    features = unit(np.random.default_rng(3), 1, d=6)
    features[0] += 2 * made.spaces["shared"].unit("sketches")[3]
    features /= np.linalg.norm(features)
    resolved = request(made, ACROSS, TextQuery("a word"))
    geodesic, direct = lengths_by_hand(made, 1.2, features)
    for target in range(20):
        found = way(Engine(made), resolved, target, {"shared": features[0]})
        assert found.outside and found.length == pytest.approx(geodesic[target], abs=1e-5)
        assert found.direct == pytest.approx(direct[target], abs=1e-5)
        assert not found.steps or found.steps[0].length > 0
    with pytest.raises(QueryError, match="still being encoded"):
        way(Engine(made), resolved)


def test_an_item_the_protocol_did_not_choose_begins_its_way():
    made = pairs()
    unseen = Protocol(query="sketches", gallery="photos")
    row = int(np.flatnonzero(made.dataset.collection("sketches").seen)[0])
    for stones in (True, False):
        resolved = request(made, unseen, ItemsQuery((f"sketches-{row}",)), 1.4, settings={"stones": stones})
        found = way(Engine(made), resolved)
        assert found.steps[0].item == Vertex("sketches", row) and not found.outside
        assert found.steps[0].length == 0
        assert len({step.item for step in found.steps}) == len(found.steps)
    itself = Vertex("sketches", row)
    resolved = request(made, unseen, ItemsQuery((f"sketches-{row}",)), 1.4)
    assert [(step.item, step.length) for step in way(Engine(made), resolved, itself).steps] == [(itself, 0.0)]


def test_a_way_may_end_at_a_stepping_stone():
    made = pairs(groups=False)
    resolved = request(made, ACROSS, ItemsQuery(("sketches-6",)))
    vectors = {m: made.spaces["shared"].unit(m).astype(np.float64) for m in ("photos", "sketches")}
    apart = angles(np.concatenate([vectors["photos"], vectors["sketches"]]))
    shortest = floyd_warshall(np.where(apart < 1.2, apart, np.inf))[20 + 6]
    for row in range(20):
        found = way(Engine(made), resolved, Vertex("sketches", row))
        assert found.target == Vertex("sketches", row) and (
            not found.steps or found.steps[-1].item == found.target
        )
        assert found.length == pytest.approx(shortest[20 + row], abs=1e-5)
        assert found.direct == pytest.approx(apart[20 + 6, 20 + row], abs=1e-5)
        same = way(Engine(made), resolved, Vertex("photos", row))
        assert same.steps == way(Engine(made), resolved, row).steps
    alone = request(made, ACROSS, ItemsQuery(("sketches-6",)), settings={"stones": False})
    with pytest.raises(QueryError, match="neither in the gallery nor a stepping stone"):
        way(Engine(made), alone, Vertex("sketches", 3))


def test_marks_change_the_way():
    made = pairs()
    query = ItemsQuery(("sketches-6",))
    plain = way(Engine(made), request(made, ACROSS, query))
    nearest = plain.geodesic[0].item.row
    wrong = way(Engine(made), request(made, ACROSS, query, feedback=Feedback(wrong=(f"photos-{nearest}",))))
    assert nearest not in [one.item.row for one in (*wrong.geodesic, *wrong.euclidean)]
    assert wrong.others == plain.others - 1
    target = plain.geodesic[-1].item.row
    marks = Feedback(right=(f"photos-{target}",))
    assert way(Engine(made), request(made, ACROSS, query, feedback=marks), target).length == 0


def test_ways_read_the_settings_of_the_geodesic_ranker_and_bs_spaces_where_only_b_follows_ways():
    made = pairs()
    made = replace(made, spaces={**made.spaces, "again": replace(made.spaces["shared"], name="again")})
    query = ItemsQuery(("sketches-6",))
    narrow = way(Engine(made), request(made, ACROSS, query, 0.3), 3)
    assert narrow.threshold == 0.3 and not narrow.steps and "out of reach" in narrow.notes[0]
    apart = {"other_spaces": SpaceChoice(shared="again"), "ranker": "knn"}
    for other, space in (("geodesic", "again"), ("knn", "shared")):
        assert where(request(made, ACROSS, query, other=other, **apart)).shared == space
    with pytest.raises(QueryError, match="choose a query"):
        way(Engine(made), request(made, ACROSS, None))
    without = pairs(shared=False)
    with pytest.raises(QueryError, match="no space holds both"):
        way(Engine(without), request(without, ACROSS, query))


def test_partners_show_the_same_thing(workspace):
    found = between(workspace, 47, 55)
    for step in found.steps:
        other = "texts" if step.item.modality == "images" else "images"
        assert step.partner == Vertex(other, step.item.row)
    made = pairs()
    assert partner_of(made.dataset, Vertex("photos", 3)) is None


def test_what_changes_shows_in_the_picture_and_its_caption(workspace):
    world = world_of(workspace.dataset)
    texts = workspace.dataset.collection("texts").payloads
    found = between(workspace, 3, 40)
    assert found.steps[0].boxes == found.steps[0].spans == ()
    for last, step in pairwise(found.steps):
        changes = alterations(world.scenes[last.item.row], world.scenes[step.item.row])
        assert len(step.boxes) == sum(len(world.boxes(step.item.row, change)) for change in changes)
        words = texts.text(step.item.row)
        marked = [words[a:b] for a, b in step.spans]
        for change in changes:
            for attribute in change.attributes:
                assert WORDS[attribute][getattr(change.come, attribute)] in marked
        assert bool(marked) == any(change.come is not None for change in changes)
