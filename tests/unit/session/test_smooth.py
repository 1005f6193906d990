"""Smooth paths of the window: from an item of the request, as steps."""

import pytest

from tests.unit.session.workspaces import pairs
from tests.unit.worlds import on_a_circle
from xview.data.protocol import Classes, Protocol
from xview.errors import DataError, QueryError
from xview.metrics.table import Request
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine
from xview.session.resolve import resolve
from xview.session.smooth import smooth_from, survey_request
from xview.session.state import ViewState


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return on_a_circle(tmp_path_factory.mktemp("worlds") / "cci")


def request(workspace, query="texts", classes=Classes.ALL, **settings):
    protocol = Protocol(query=query, gallery="images", query_classes=classes, gallery_classes=classes)
    chosen = GeodesicSettings(**{"degree": 12, "align": False} | settings)
    return resolve(ViewState(protocol=protocol, settings=(("geodesic", chosen),)), workspace)


def test_ways_from_a_picture_are_told_step_by_step(workspace):
    found = smooth_from(Engine(workspace), request(workspace), Vertex("images", 0))
    assert sum(found.counts) >= len(found.ways) > 0
    assert found.counts[0] == 0
    for way in found.ways:
        changed = [step for step in way.steps[1:] if step.changes]
        assert len(changed) == way.changes and all(len(step.changes) == 1 for step in changed)
        assert way.length == pytest.approx(sum(step.length for step in way.steps))
        assert way.steps[0].item == Vertex("images", 0) and way.steps[-1].item.modality == "images"
    assert [way.changes for way in found.ways] == sorted((way.changes for way in found.ways), reverse=True)
    first = smooth_from(Engine(workspace), request(workspace), Vertex("images", 0), most=1)
    assert first.ways == found.ways[:1] and first.counts == found.counts


def test_what_is_no_vertex_cannot_begin_one(workspace):
    seen = request(workspace, classes=Classes.SEEN)
    absent = next(row for row in range(111) if row not in set(seen.task.gallery_rows.tolist()))
    with pytest.raises(QueryError, match="neither in the gallery nor a stepping stone"):
        smooth_from(Engine(workspace), seen, Vertex("images", absent))
    with pytest.raises(QueryError, match="let ways lead over text"):
        smooth_from(Engine(workspace), request(workspace, stones=False), Vertex("texts", 3))


def test_other_data_says_what_is_missing():
    made = pairs()
    resolved = resolve(ViewState(), made)
    with pytest.raises(DataError, match="scene each picture shows"):
        smooth_from(Engine(made), resolved, Vertex("photos", 0))


def test_a_survey_asks_what_the_window_shows(workspace):
    resolved = request(workspace, degree=7)
    asked = survey_request(resolved)
    assert (asked.protocol, asked.settings.degree) == (resolved.task.protocol, 7)
    assert asked.spaces.shared == "joint" and Request.from_json(asked.to_json()) == asked
