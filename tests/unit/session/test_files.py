import json
from dataclasses import replace

import numpy as np
import pytest

from xview.data.protocol import Classes, Protocol
from xview.errors import DataError
from xview.retrieval.feedback import FeedbackSettings
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.files import Session, load_session, save_session
from xview.session.state import (
    Asked,
    ColourBy,
    Feedback,
    ItemsQuery,
    Overlay,
    PictureQuery,
    TextQuery,
    ViewState,
    selection_of,
)

WALK = RANKERS["heterogeneous"].settings
STATE = ViewState(
    protocol=Protocol(query="a", gallery="b", gallery_classes=Classes.ALL, across_groups=False),
    spaces=SpaceChoice(shared="s", own_query="x", own_gallery="y"),
    ranker="homogeneous",
    other="knn",
    other_spaces=SpaceChoice(shared="run 1"),
    settings=(("heterogeneous", WALK(lam=0.25, k=7)),),
    query=ItemsQuery(("ä", "b"), (1.0, -0.5)),
    why="c",
    why_in_other=True,
    feedback=Feedback(right=("c", "d"), wrong=("ö",)),
    feedback_settings=FeedbackSettings(right=0.5, wrong=0.125),
    selection=selection_of({"a": [1, 2], "b": [0]}),
    colour_by=ColourBy.GROUP,
    overlay=Overlay.PAIRS,
    hidden=frozenset({"cat"}),
    hidden_modalities=frozenset({"b"}),
    hidden_spaces=frozenset({"y"}),
    shown_spaces=frozenset({"run 2"}),
    all_items=True,
    isolated=True,
    method="pca",
    methods=(("s", "tsne"),),
)
SESSION = Session(
    source="emoji",
    unseen=("cat", "dog"),
    state=STATE,
    history=tuple(
        Asked(query, Protocol(query="b", gallery="a"))
        for query in (TextQuery("a red hat"), PictureQuery("/tmp/x.png"), ItemsQuery(("q",)))
    ),
)


def test_what_was_saved_is_restored(tmp_path):
    path = tmp_path / "new" / "s.xview"
    save_session(path, SESSION)
    assert load_session(path) == SESSION
    assert [p.name for p in path.parent.iterdir()] == ["s.xview"]


def test_a_session_from_before_there_were_trained_spaces_and_marks_is_restored(tmp_path):
    path = tmp_path / "s.xview"
    save_session(path, SESSION)
    raw = json.loads(path.read_text("utf-8"))
    for key in ("other_spaces", "shown_spaces", "feedback", "feedback_settings"):
        del raw["state"][key]
    path.write_text(json.dumps(raw), "utf-8")
    fresh = ViewState()
    expected = replace(
        STATE,
        other_spaces=None,
        shown_spaces=frozenset(),
        feedback=fresh.feedback,
        feedback_settings=fresh.feedback_settings,
    )
    assert load_session(path) == replace(SESSION, state=expected)


def test_a_selection_kept_as_a_list_is_restored(tmp_path):
    path = tmp_path / "s.xview"
    save_session(path, SESSION)
    raw = json.loads(path.read_text("utf-8"))
    raw["state"]["selection"] = {"b": [0], "a": [2, 1]}
    path.write_text(json.dumps(raw), "utf-8")
    assert load_session(path) == SESSION


@pytest.mark.parametrize("rows", ["AAA", "AAAA", "ä", [10**30], [2**31], ["x"], None])
def test_a_selection_that_is_none_is_refused(tmp_path, rows):
    path = tmp_path / "s.xview"
    save_session(path, SESSION)
    raw = json.loads(path.read_text("utf-8"))
    raw["state"]["selection"] = {"a": rows}
    path.write_text(json.dumps(raw), "utf-8")
    with pytest.raises(DataError, match="damaged"):
        load_session(path)


def test_half_a_million_selected_rows_are_restored_and_stay_compact(tmp_path):
    selection = selection_of({"a": np.arange(0, 1_000_000, 2), "b": [3]})
    session = replace(SESSION, state=replace(STATE, selection=selection))
    save_session(tmp_path / "s.xview", session)
    assert load_session(tmp_path / "s.xview") == session
    assert (tmp_path / "s.xview").stat().st_size < 3_000_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not a session"),
        ("[1]", "not a session"),
        ('{"format": 99, "source": "emoji"}', "another version"),
        ('{"format": 1, "source": "emoji"}', "damaged"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path, text, told):
    path = tmp_path / "s.xview"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=told) as caught:
        load_session(path)
    assert "s.xview" in str(caught.value)


def test_every_damaged_field_is_refused(tmp_path):
    path = tmp_path / "s.xview"
    save_session(path, SESSION)
    whole = json.loads(path.read_text("utf-8"))
    for key in whole["state"]:
        if key in ("why", "why_in_other", "all_items", "isolated", "method", "other", "ranker"):
            continue  # any value reads as a name or a truth there
        broken = json.loads(json.dumps(whole))
        broken["state"][key] = 3.5
        path.write_text(json.dumps(broken), "utf-8")
        with pytest.raises(DataError, match="damaged"):
            load_session(path)


def test_a_missing_file_and_a_full_disk_are_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_session(tmp_path / "none.xview")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(DataError, match="could not be saved"):
        save_session(tmp_path / "file" / "s.xview", SESSION)
