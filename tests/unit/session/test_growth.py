"""The counts a slider tells are those of the graph that moving it there would build."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.session.workspaces import asked, pairs
from xview.data.protocol import Classes, Protocol
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.session.engine import Engine
from xview.session.growth import growth
from xview.session.paths import way
from xview.session.state import Feedback, TextQuery

ALL = Protocol(query="sketches", gallery="photos", query_classes=Classes.ALL, gallery_classes=Classes.ALL)
ALIKE = replace(ALL, query="photos")


def request(workspace, protocol, *ids, threshold=0.0, stones=True, **view):
    settings = GeodesicSettings(threshold=threshold, degree=4, stones=stones)
    return asked(workspace, *ids, protocol=protocol, settings=(("geodesic", settings),), **view)


@pytest.mark.parametrize("stones", [True, False])
@pytest.mark.parametrize(
    ("protocol", "ids"), [(ALL, ["sketches-3"]), (ALIKE, ["photos-3"]), (ALL, ["sketches-3", "sketches-8"])]
)
def test_every_threshold_tells_what_the_graph_there_tells(protocol, ids, stones):
    workspace = pairs(items=30)
    engine = Engine(workspace)
    told = growth(engine, request(workspace, protocol, *ids, stones=stones))
    for threshold in np.linspace(0.05, told.widest, 12).tolist():
        found = way(engine, request(workspace, protocol, *ids, stones=stones, threshold=threshold), 20)
        assert told.at(threshold) == (found.edges, found.components, found.retrievable)
        assert (told.vertices, told.others) == (found.vertices, found.others)
    at = 77
    curves = told.edges[at], told.components[at], told.retrievable[at]
    assert curves == told.at(float(told.thresholds[at]))


def test_marks_and_queries_from_outside_ask_as_they_do_on_the_way():
    workspace = pairs(items=30)
    engine = Engine(workspace)
    marks = Feedback(right=("photos-5",), wrong=("photos-9",))
    outside = {"shared": workspace.spaces["shared"].unit("sketches")[4] * np.float32(1)}
    for ids, view, features in (
        (["sketches-3"], {"feedback": marks}, None),
        ([], {"query": TextQuery("a word")}, outside),
    ):
        resolved = request(workspace, ALL, *ids, **view) if ids else _outside(workspace, view["query"])
        told = growth(engine, resolved, features)
        for threshold in np.linspace(0.05, told.widest, 7).tolist():
            settings = (("geodesic", GeodesicSettings(threshold=threshold)),)
            moved = replace(resolved, view=replace(resolved.view, settings=settings))
            found = way(engine, moved, 20, features)
            assert told.at(threshold) == (found.edges, found.components, found.retrievable)


def test_the_threshold_of_a_degree_has_that_degree():
    workspace = pairs(items=30)
    engine = Engine(workspace)
    resolved = request(workspace, ALL, "sketches-3")
    told = growth(engine, resolved)
    assert told.at(told.threshold_of(4))[0] == way(engine, resolved, 20).edges == 2 * told.vertices
    assert told.threshold_of(1e6) == told.widest


def _outside(workspace, query):
    from xview.session.resolve import resolve
    from xview.session.state import ViewState

    return resolve(ViewState(query=query, protocol=ALL), workspace)
