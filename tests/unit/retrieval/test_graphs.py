"""A parameter that changes makes only what depends on it anew."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field
from xview.graph.diffusion import Diffuser
from xview.retrieval import graphs as module
from xview.retrieval.base import Query
from xview.retrieval.graphs import FieldGraphs, Manifold, Recent
from xview.retrieval.walk import WalkRanker
from xview.retrieval.walk_settings import WalkSettings


@pytest.fixture
def work(monkeypatch):
    """Counts of the costly steps: neighbour searches, graphs, solves."""
    counts = {"search": 0, "graph": 0, "solve": 0}

    def counting(name, function):
        def counted(*arguments):
            counts[name] += 1
            return function(*arguments)

        return counted

    monkeypatch.setattr(module, "nearest", counting("search", module.nearest))
    monkeypatch.setattr(module, "normalised", counting("graph", module.normalised))
    monkeypatch.setattr(Diffuser, "solve", counting("solve", Diffuser.solve))
    return counts


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"search": 0, "graph": 0, "solve": 0}),
        ({"lam": 0.9}, {"search": 0, "graph": 0, "solve": 0}),
        ({"alpha": 0.9}, {"search": 0, "graph": 0, "solve": 2}),
        ({"k_q": 9}, {"search": 0, "graph": 0, "solve": 2}),
        ({"k": 12}, {"search": 0, "graph": 2, "solve": 2}),
        ({"gamma": 2.0}, {"search": 0, "graph": 2, "solve": 2}),
    ],
)
def test_what_a_change_costs(work, change, expected):
    graphs = FieldGraphs(make_field(80, 90))
    WalkRanker(WalkSettings(k=10), Manifold.OWN, graphs).rank(Query.item(3))
    assert work == {"search": 4, "graph": 2, "solve": 2}
    work.update(dict.fromkeys(work, 0))
    WalkRanker(WalkSettings(**{"k": 10, **change}), Manifold.OWN, graphs).rank(Query.item(3))
    assert work == expected


def test_longer_lists_hold_the_shorter_ones():
    graphs = FieldGraphs(make_field(80, 90))
    for k in (5, 31, 34, 79):
        fresh = FieldGraphs(graphs.field)
        for rule in module.LinkRule:
            np.testing.assert_array_equal(
                graphs.links(rule, k, 2.0).xy.toarray(), fresh.links(rule, k, 2.0).xy.toarray()
            )
        for side in module.Side:
            np.testing.assert_array_equal(
                graphs.graph(side, Manifold.OWN, k, 2.0).affinity.toarray(),
                fresh.graph(side, Manifold.OWN, k, 2.0).affinity.toarray(),
            )


def test_recent_forgets_the_longest_unused():
    made = []

    def make(key):
        made.append(key)
        return key

    recent = Recent(2)
    for key in (1, 2, 1, 3, 1, 2):
        assert recent.get(key, lambda key=key: make(key)) == key
    assert made == [1, 2, 3, 2]
    assert 1 in recent and 3 not in recent


def test_threads_that_want_the_same_thing_make_it_once():
    recent, made, ready = Recent(2), [], threading.Barrier(4)

    def make():
        made.append(threading.get_ident())
        time.sleep(0.02)
        return object()

    def want(_turn):
        ready.wait()
        return recent.get("key", make)

    with ThreadPoolExecutor(4) as threads:
        got = [*threads.map(want, range(4))]
    assert len(made) == 1 and len({id(thing) for thing in got}) == 1
