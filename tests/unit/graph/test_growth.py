"""Counts at any threshold are those of the graph built at it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.graph.test_geodesic import circle, unit
from xview.graph.geodesic import threshold_graph
from xview.graph.growth import forest_of, growth_of


def counted(graph, terminals, sources, lengths, counted):
    """By building the graph and walking it."""
    component = graph.components()
    starts = sources[lengths < graph.threshold]
    met = np.isin(component[:terminals], component[starts]) & counted
    return graph.edges, len(set(component[:terminals].tolist())), int(met.sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.floats(0.2, 2.0), st.floats(0.1, 1.0))
def test_counts_are_those_of_the_built_graph_at_every_threshold(seed, n, widest, share):
    rng = np.random.default_rng(seed)
    graph = threshold_graph(unit(rng, n), widest)
    terminals = max(1, round(share * n))
    sources = rng.integers(0, n, rng.integers(1, 5))
    lengths = np.where(rng.random(len(sources)) < 0.5, 0.0, rng.uniform(0, 2, len(sources)))
    chosen = rng.random(terminals) < 0.8
    growth = growth_of(forest_of(graph, terminals), terminals, sources, lengths, chosen)
    at = np.unique(
        np.concatenate([graph.lengths.data, np.nextafter(graph.lengths.data, 9), lengths, [1e-6, widest]])
    )
    at = at[(at > 0) & (at <= widest)]
    told = growth.at(at)
    for place, threshold in enumerate(at.tolist()):
        expected = counted(graph.below(threshold), terminals, sources, lengths, chosen)
        assert tuple(int(figure[place]) for figure in told) == expected


def test_terminals_come_together_over_others():
    graph = threshold_graph(circle([0, 30, 80, 50, 200]), np.radians(45))  # 50 stands between, 200 alone
    growth = growth_of(forest_of(graph, 3), 3, np.array([0]), np.zeros(1), np.array([False, True, True]))
    told = growth.at(np.radians([10.0, 25.0, 29.0, 31.0, 45.0, 90.0]))
    assert told.edges.tolist() == [0, 1, 1, 3, 3, 3]
    assert told.components.tolist() == [3, 3, 3, 1, 1, 1]
    assert told.reached.tolist() == [0, 0, 0, 2, 2, 2]


def test_without_edges_every_terminal_is_alone():
    graph = threshold_graph(circle([0, 90, 180]), 0.1)
    growth = growth_of(forest_of(graph, 2), 2, np.array([2]), np.zeros(1), np.array([True, True]))
    told = growth.at(np.array([0.05, 0.1]))
    assert [figure.tolist() for figure in told] == [[0, 0], [2, 2], [0, 0]]


@pytest.mark.parametrize("length", [0.5, 0.02])
def test_what_asks_from_outside_enters_over_an_edge(length):
    graph = threshold_graph(circle([0, 10, 20]), 0.6)
    growth = growth_of(forest_of(graph, 3), 3, np.array([0]), np.array([length]), np.ones(3, bool))
    step = float(np.radians(10)) + 1e-6
    assert growth.at(np.array([step])).reached.tolist() == [3 if length < step else 0]
