"""A picture modified by words: where it is ranked, what is taken out for it, and where it has no place."""

from dataclasses import replace

import numpy as np
import pytest

from xview.data.protocol import Classes, Protocol
from xview.data.records import Kind
from xview.errors import QueryError
from xview.retrieval.field import SpaceChoice
from xview.session.engine import Engine
from xview.session.files import Session, load_session, save_session
from xview.session.outside import places_wanted, placing
from xview.session.resolve import resolve
from xview.session.state import Asked, ItemsQuery, ModifiedQuery, ViewState
from xview.spaces.space import EmbeddingSpace

from .workspaces import pairs, trained

MODIFIED = ModifiedQuery("photos-3", "make it red")
PHOTOS = Protocol(query="photos", gallery="photos", query_classes=Classes.ALL, gallery_classes=Classes.ALL)
VECTOR = np.array([0.6, 0.8, 0.0], dtype=np.float32)


def workspace(*names):
    """Sketches and photos in which runs of these names, in this order, learnt to modify photos."""
    made = trained(pairs())
    collections = dict(made.dataset.collections)
    collections["photos"] = replace(collections["photos"], kind=Kind.IMAGE)
    spaces = dict(made.spaces)
    for seed, name in enumerate(names):
        spaces[name] = EmbeddingSpace(
            name=name,
            parts={"photos": np.random.default_rng(seed).normal(size=(20, 3))},
            made_by={"system": "tirg", "checkpoint": f"/runs/{name}/best.safetensors", "run": name},
        )
    return replace(made, dataset=replace(made.dataset, collections=collections), spaces=spaces)


def asked(workspace, query=MODIFIED, protocol=PHOTOS, **view):
    return resolve(ViewState(query=query, protocol=protocol, **view), workspace)


def test_it_is_ranked_in_the_newest_space_that_learnt_it_unless_another_is_wanted():
    both = workspace("first", "second")
    assert asked(both).spaces.shared == "second"
    assert asked(both, spaces=SpaceChoice(shared="first")).spaces.shared == "first"
    assert asked(both, spaces=SpaceChoice(shared="shared")).spaces.shared == "second"
    assert asked(both, query=ItemsQuery(("photos-3",))).spaces.shared == "photos"


def test_its_picture_is_taken_out_and_nothing_is_right_or_wrong():
    taught = workspace("run 2")
    for ranker in ("knn", "geodesic"):
        resolved = asked(taught, ranker=ranker)
        a = Engine(taught).answer(resolved, {"run 2": VECTOR}).a
        assert a.ignored[3] and a.rank_of[3] == 0
        assert a.label == -1 and not a.relevant.any() and np.isnan(a.average_precision)
    cosines = taught.spaces["run 2"].unit("photos") @ VECTOR
    found = Engine(taught).answer(asked(taught, ranker="knn"), {"run 2": VECTOR}).a.ranking
    np.testing.assert_allclose(found.scores, cosines, atol=1e-6)
    with pytest.raises(QueryError, match="being encoded"):
        Engine(taught).answer(asked(taught))


def test_it_is_placed_in_its_space_by_the_task_that_modifies():
    resolved = asked(workspace("run 2"))
    wanted = places_wanted(resolved)
    assert wanted == ((MODIFIED, "photos", "run 2"),)
    config = {"space": "run 2", "picture": "photos-3", "text": "make it red"}
    assert placing(MODIFIED, wanted) == ("xview.jobs.modify:compose", config)
    elsewhere = asked(workspace("run 2"), other="knn", other_spaces=SpaceChoice(shared="photos"))
    with pytest.raises(QueryError, match="let B rank in 'run 2'"):
        places_wanted(elsewhere)


def test_what_it_lacks_is_said():
    untaught = asked(workspace())
    assert untaught.query == MODIFIED and untaught.spaces is None and "TIRG" in untaught.problem
    across = asked(workspace("run 2"), protocol=replace(PHOTOS, gallery="sketches"))
    assert across.spaces is None and "search photos instead of sketches" in across.problem


@pytest.mark.parametrize(
    ("query", "protocol"),
    [
        (ModifiedQuery("photos-99", "make it red"), PHOTOS),
        (ModifiedQuery("sketches-3", "make it red"), replace(PHOTOS, query="sketches")),  # no picture
    ],
)
def test_one_that_is_gone_leaves_all_else_as_it_was(query, protocol):
    taught = workspace("run 2")
    resolved = asked(taught, query, protocol)
    assert resolved.query is None and not len(resolved.query_rows) and not resolved.problem
    assert resolved.spaces == asked(taught, None, protocol).spaces


def test_a_session_keeps_it(tmp_path):
    state = ViewState(query=MODIFIED, protocol=PHOTOS)
    kept = Session(source="x", unseen=None, state=state, history=(Asked(MODIFIED, PHOTOS),))
    save_session(tmp_path / "a.xview", kept)
    assert load_session(tmp_path / "a.xview") == kept
