"""Threshold graphs and geodesics against slow loops and closed forms."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xview.errors import SettingError
from xview.graph import geodesic
from xview.graph.geodesic import great_circle, path_to, threshold_for, threshold_graph


def unit(rng, n, d=4):
    x = rng.normal(size=(n, d))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def circle(degrees):
    at = np.radians(degrees)
    return np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


def angles(x):
    x = x.astype(np.float64)
    return np.arccos(np.clip(x @ x.T / np.outer(*[np.linalg.norm(x, axis=1)] * 2), -1, 1))


def floyd_warshall(lengths):
    """All pairs, the slow way."""
    d = lengths.copy()
    np.fill_diagonal(d, 0)
    for k in range(len(d)):
        d = np.minimum(d, d[:, [k]] + d[[k], :])
    return d


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 40), st.floats(0.1, 2.5))
def test_geodesics_are_those_of_all_pairs(seed, n, threshold):
    x = unit(np.random.default_rng(seed), n)
    graph = threshold_graph(x, threshold)
    apart = angles(x)
    lengths = np.where(apart < threshold, apart, np.inf)
    found, before = graph.distances(np.arange(n))
    assert np.allclose(found, floyd_warshall(lengths), atol=1e-5)
    for source, target in ((0, n - 1), (n - 1, 0)):
        way = path_to(target, before[source])
        if np.isfinite(found[source, target]):
            assert (way[0], way[-1]) == (source, target)
            length = sum(apart[a, b] for a, b in pairwise(way))
            assert np.isclose(length, found[source, target])
        else:
            assert way == (target,)


def test_a_walk_around_the_circle_is_longer_than_the_chord():
    graph = threshold_graph(circle([0, 40, 80, 120, 300]), np.radians(45))
    found, before = graph.distances(np.array([0]))
    assert np.allclose(np.degrees(found[0]), [0, 40, 80, 120, np.inf])
    assert path_to(3, before[0]) == (0, 1, 2, 3)
    assert graph.edges == 3
    assert graph.components().tolist() == [0, 0, 0, 0, 1]


def test_the_nearest_of_several_sources():
    graph = threshold_graph(circle([0, 40, 80, 120, 300]), np.radians(45))
    distance, source = graph.nearest_source(np.array([0, 3]))
    assert source.tolist() == [0, 0, 3, 3, -1]
    assert np.allclose(np.degrees(distance), [0, 40, 40, 0, np.inf])


def test_equal_vectors_are_joined():
    graph = threshold_graph(circle([10, 10, 90]), 0.5)
    assert graph.edges == 1
    assert graph.distances(np.array([0]))[0][0, 1] < 1e-6


def test_blocks_make_no_difference(monkeypatch):
    x = unit(np.random.default_rng(0), 60)
    whole, degree = threshold_graph(x, 0.9), threshold_for(x, 6)
    monkeypatch.setattr(geodesic, "_BLOCK_VALUES", 150)
    parted = threshold_graph(x, 0.9)
    assert (whole.lengths != parted.lengths).nnz == 0
    assert threshold_for(x, 6) == degree


@pytest.mark.parametrize("degree", [1, 5, 20, 79])
def test_the_threshold_gives_the_mean_degree(degree):
    x = unit(np.random.default_rng(1), 80)
    graph = threshold_graph(x, threshold_for(x, degree))
    assert abs(2 * graph.edges / 80 - degree) < 0.2


def test_progress_ends_whole():
    told = []
    threshold_graph(unit(np.random.default_rng(2), 30), 1.0, told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)


def test_great_circle_is_exact_for_near_vectors():
    x = circle([0, 0.001, 90, 180])
    at = np.array([0, 0, 0])
    found = np.degrees(great_circle(x, at, np.array([1, 2, 3])))
    assert np.allclose(found, [0.001, 90, 180], rtol=1e-3)


@pytest.mark.parametrize("threshold", [0, -1, 4])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(SettingError, match="threshold"):
        threshold_graph(circle([0, 1]), threshold)


def test_a_degree_out_of_range_is_refused():
    with pytest.raises(SettingError, match="degree"):
        threshold_for(circle([0, 1]), 2)


def test_a_smaller_threshold_leaves_the_shorter_edges():
    x = unit(np.random.default_rng(3), 40)
    assert (threshold_graph(x, 1.2).below(0.7).lengths != threshold_graph(x, 0.7).lengths).nnz == 0


def test_the_nearest_of_several_directly(monkeypatch):
    x = unit(np.random.default_rng(5), 40, d=7)
    sources = unit(np.random.default_rng(6), 3, d=7)
    sources[1] = x[9]
    apart = angles(np.concatenate([sources, x]))[:3, 3:].min(axis=0)
    found = geodesic.nearest_direct(sources, x)
    assert np.allclose(found, apart, atol=1e-6) and found[9] == 0
    monkeypatch.setattr(geodesic, "_CHORD_VALUES", 30)
    assert (geodesic.nearest_direct(sources, x) == found).all()
    pairs = np.array([0, 3, 9]), np.array([5, 3, 11])
    assert np.allclose(great_circle(x, *pairs), angles(x)[pairs], atol=1e-6)


def test_an_edge_is_shorter_than_the_threshold_not_as_long():
    """Wherever an edge's own length is the threshold: a graph anew, one cut, and one that is entered."""
    x = circle([0, 30, 75])
    length = float(great_circle(x, np.array([0]), np.array([1]))[0])
    more = float(np.nextafter(length, 4))
    assert (threshold_graph(x, length).edges, threshold_graph(x, more).edges) == (0, 1)
    wide = threshold_graph(x, 1.0)
    assert wide.edges == 2
    assert (wide.below(length).edges, wide.below(more).edges) == (0, 1)
    alone = threshold_graph(x[1:], length)
    assert alone.entered(x[1:], x[:1]).lengths.nnz == 0
    assert threshold_graph(x[1:], more).entered(x[1:], x[:1]).lengths.nnz == 1


def test_what_enters_where_a_vertex_stands_is_joined_to_it():
    """A distance of 0 is an edge as well; ways leave what enters and never lead there."""
    x = circle([0, 40, 80])
    graph = threshold_graph(x, np.radians(45)).entered(x, x[:1])
    found, before = graph.distances(np.array([3, 0]))
    assert np.allclose(np.degrees(found[0]), [0, 40, 80, 0], atol=1e-4) and found[0, 0] > 0
    assert path_to(2, before[0])[0] == 3
    assert np.isinf(found[1, 3])


def test_no_vertices_have_no_edges():
    graph = threshold_graph(np.empty((0, 4), dtype=np.float32), 0.5)
    assert (len(graph), graph.edges, len(graph.components())) == (0, 0, 0)
