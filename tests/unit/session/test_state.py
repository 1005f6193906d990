"""Intentions may be stale; what comes of them never is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.session.workspaces import asked, pairs, trained
from xview.data.protocol import Classes, Protocol
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.resolve import resolve
from xview.session.state import ItemsQuery, TextQuery, ViewState, selection_of


@pytest.fixture
def workspace():
    return pairs()


def test_the_data_decides_what_the_user_left_open(workspace):
    resolved = resolve(ViewState(), workspace)
    assert resolved.task.protocol == Protocol(query="sketches", gallery="photos")
    assert resolved.spaces == SpaceChoice(shared="shared", own_query="sketches", own_gallery="photos")
    assert resolved.query is None
    assert resolved.why is None
    assert resolved.problem == ""


@pytest.mark.parametrize(
    "stale",
    [
        {"protocol": Protocol(query="videos", gallery="photos")},
        {"protocol": Protocol(query="sketches", gallery="videos")},
        {"spaces": SpaceChoice(shared="gone", own_query="photos", own_gallery="shared")},
        {"ranker": "oracle"},
        {"other": "oracle"},
        {"query": ItemsQuery(("sketches-0", "sketches-gone"))},
        {"query": ItemsQuery(())},
        {"query": ItemsQuery(("sketches-2",)), "why": "photos-gone"},
        {"selection": selection_of({"photos": [3, 99], "videos": [0]})},
        {"selection": selection_of({"sketches": [-1, 20]})},
        {"method": "magic", "methods": (("shared", "magic"), ("gone", "pca"))},
        {"hidden_spaces": frozenset({"gone"}), "hidden_modalities": frozenset({"gone"})},
    ],
    ids=lambda value: " ".join(value),
)
def test_stale_intentions_are_kept_but_have_no_effect(workspace, stale):
    state = replace(ViewState(ranker="knn"), **stale)
    resolved = resolve(state, workspace)
    names = set(workspace.dataset.collections)
    assert {resolved.task.protocol.query, resolved.task.protocol.gallery} <= names
    assert resolved.spaces == SpaceChoice(shared="shared", own_query="sketches", own_gallery="photos")
    assert resolved.ranker.name in RANKERS
    assert resolved.other is None or resolved.other.name in RANKERS
    assert len(resolved.query_rows) == (1 if resolved.query else 0)
    assert resolved.why is None
    for modality, rows in resolved.view.selection:
        assert rows
        assert max(rows) < len(workspace.dataset.collection(modality))
        assert min(rows) >= 0
    assert resolved.view.method_of("shared") in ("umap", "pca")
    assert all(getattr(state, name) == value for name, value in stale.items())


def test_a_selection_keeps_the_rows_that_are_still_there(workspace):
    resolved = resolve(ViewState(selection=selection_of({"photos": [3, 99], "videos": [0]})), workspace)
    assert resolved.view.selection == selection_of({"photos": [3]})


def test_items_are_found_by_id_in_the_modality_that_asks(workspace):
    resolved = asked(workspace, "photos-3", "photos-1", protocol=Protocol(query="photos", gallery="sketches"))
    assert resolved.query_rows.tolist() == [3, 1]
    assert resolved.spaces == SpaceChoice(shared="shared", own_query="photos", own_gallery="sketches")
    assert asked(workspace, "photos-3").query is None


def test_where_no_class_is_unseen_all_classes_ask(workspace):
    plain = pairs(split=False)
    assert len(resolve(ViewState(), plain).task.query_rows) == 20
    collections = {
        name: replace(c, seen=np.ones(len(c), dtype=np.bool_))
        for name, c in workspace.dataset.collections.items()
    }
    seen = replace(workspace, dataset=replace(workspace.dataset, collections=collections), _tasks={})
    protocol = resolve(ViewState(), seen).task.protocol
    assert (protocol.query_classes, protocol.gallery_classes) == (Classes.ALL, Classes.ALL)


def test_without_a_space_the_problem_says_what_to_do():
    resolved = resolve(ViewState(), pairs(shared=False))
    assert resolved.spaces is None
    assert "sketches and photos" in resolved.problem
    assert "open data" in resolved.problem
    coming = replace(pairs(own=False, shared=False), to_encode={"photos": "some encoder"})
    assert "photos: no vectors yet" in resolve(ViewState(), coming).problem


def test_flat_spaces_are_drawn_as_they_are_unless_their_own_menu_says_otherwise():
    flat = pairs(width=2)
    assert resolve(ViewState(), flat).view.method_of("shared") == "as-is"
    assert resolve(ViewState(), flat).view.method_of("photos") == "umap"
    assert resolve(ViewState(method="pca"), flat).view.method_of("shared") == "as-is"
    assert resolve(ViewState(methods=(("shared", "tsne"),)), flat).view.method_of("shared") == "tsne"


def test_answers_hold_while_only_the_look_changes(workspace):
    before = asked(workspace, "sketches-2")
    for look in ({"why": "photos-3"}, {"all_items": True}, {"method": "pca"}, {"isolated": True}):
        assert before.same_answer(asked(workspace, "sketches-2", **look))
    for other in (
        asked(workspace, "sketches-3"),
        asked(workspace, "sketches-2", ranker="knn"),
        asked(workspace, "sketches-2", other="knn"),
        asked(
            workspace,
            "sketches-2",
            protocol=Protocol(query="sketches", gallery="photos", across_groups=False),
        ),
        asked(workspace, "sketches-2", settings=(("heterogeneous", RANKERS["heterogeneous"].settings(k=7)),)),
        asked(pairs(seed=1), "sketches-2"),
        resolve(ViewState(query=TextQuery("x")), workspace),
    ):
        assert not before.same_answer(other)


ACROSS = Protocol(query="sketches", gallery="photos")
GIVEN = SpaceChoice(shared="shared", own_query="sketches", own_gallery="photos")
LEARNED = SpaceChoice(shared="run", own_query="run · sketches", own_gallery="run · photos")


def test_own_spaces_are_those_of_the_same_training_or_the_datas_features(workspace):
    several = trained(trained(workspace), "features", own=False)
    assert resolve(ViewState(), several).spaces == GIVEN
    assert resolve(ViewState(spaces=SpaceChoice(shared="run")), several).spaces == LEARNED
    chosen = resolve(ViewState(spaces=SpaceChoice(shared="features")), several).spaces
    assert chosen == replace(GIVEN, shared="features")


def test_own_spaces_the_user_chose_stay_when_the_direction_turns(workspace):
    several = trained(workspace)
    wanted = SpaceChoice(shared="run", own_query="sketches", own_gallery="run · photos")
    state = ViewState(protocol=ACROSS, spaces=wanted)
    assert resolve(state, several).spaces == wanted
    turned = resolve(replace(state, protocol=ACROSS.swapped()), several).spaces
    assert turned == SpaceChoice(shared="run", own_query="run · photos", own_gallery="sketches")


def test_b_ranks_where_a_does_unless_another_space_was_asked_for(workspace):
    several = trained(workspace)
    assert resolve(ViewState(), several).other_spaces is None
    assert resolve(ViewState(other="knn"), several).other_spaces == GIVEN
    there = ViewState(other="knn", other_spaces=SpaceChoice(shared="run"))
    assert resolve(there, several).other_spaces == LEARNED
    assert resolve(replace(there, other=None), several).other_spaces is None
    # the run was deleted: its name is kept, and has no effect
    assert resolve(there, workspace).other_spaces == GIVEN
    moved = replace(there, spaces=SpaceChoice(shared="run"), other_spaces=None)
    assert resolve(moved, several).other_spaces == LEARNED


def test_maps_show_what_the_rankers_read_and_what_the_user_ticked(workspace):
    several = trained(workspace)

    def shown(**view):
        resolved = resolve(ViewState(**view), several)
        return [name for name in several.spaces if resolved.on_map(name)]

    given, learned = ["sketches", "photos", "shared"], ["run", "run · sketches", "run · photos"]
    assert shown() == given
    assert shown(other="knn", other_spaces=SpaceChoice(shared="run")) == [*given, "run"]
    assert shown(spaces=SpaceChoice(shared="run")) == learned
    assert shown(shown_spaces=frozenset({"run"})) == [*given, "run"]
    assert shown(hidden_spaces=frozenset({"shared"})) == ["sketches", "photos"]
    nothing = replace(several, spaces={n: s for n, s in several.spaces.items() if not s.shared})
    resolved = resolve(ViewState(), nothing)
    assert [name for name in nothing.spaces if resolved.on_map(name)] == ["sketches", "photos"]


def test_an_answer_holds_when_spaces_come_that_nobody_reads(workspace):
    before, after = asked(workspace, "sketches-2"), asked(trained(workspace), "sketches-2")
    assert before.task is after.task
    assert before.same_answer(after)
    other = {"other": "knn", "other_spaces": SpaceChoice(shared="run")}
    assert not after.same_answer(asked(trained(workspace), "sketches-2", **other))
    again = trained(workspace, seed=1)  # the run of that name went on, and left other vectors
    assert not asked(trained(workspace), "sketches-2", **other).same_answer(
        asked(again, "sketches-2", **other)
    )
