"""Smooth paths against the definition, read slowly, over every path of the tree."""

from itertools import combinations, groupby, pairwise

import numpy as np
import pytest

from xview.data.cci.scenes import make_world, neighbours
from xview.graph.geodesic import path_to, threshold_for, threshold_graph
from xview.metrics.smooth_paths import Vertices, count_smooth, neighbour_lists, smooth_paths


def unit(x):
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def joint():
    """Scenes embedded so that near ones are near, their texts beside them, and random vectors."""
    world = make_world(2, rounds=2)
    rng = np.random.default_rng(0)
    codes = {}
    images = np.zeros((len(world), 24))
    for n, scene in enumerate(world.scenes):
        for thing in scene:
            for place, value in enumerate(thing):
                images[n] += codes.setdefault((place, value, thing.place), rng.normal(size=24))
    texts = images + 0.4 * rng.normal(size=images.shape)
    vectors = unit(np.concatenate([images, texts, rng.normal(size=(30, 24))]))
    n = len(world)
    scene = np.concatenate([np.arange(n), np.arange(n), np.full(30, -1)])
    near = neighbour_lists(neighbours(world.scenes), n)
    vertices = Vertices(scene=scene, image=np.arange(len(scene)) < n, neighbours=near)
    return threshold_graph(vectors, threshold_for(vectors, 8)), vertices


def is_smooth(path, vertices, on_the_spot):
    """Section 4.3.2, word for word, over the scenes of a path; kindly, equal ones in a row are one."""
    scenes = [int(vertices.scene[vertex]) for vertex in path]
    if on_the_spot:
        scenes = [scene for scene, _ in groupby(scenes)]

    def reachable(a, b):
        return a >= 0 and b >= 0 and b in vertices.neighbours[a]

    others = combinations(range(len(scenes)), 2)
    return all(reachable(a, b) for a, b in pairwise(scenes)) and not any(
        reachable(scenes[i], scenes[j]) for i, j in others if j - i > 1
    )


@pytest.mark.parametrize("on_the_spot", [False, True])
def test_smooth_paths_are_those_the_definition_finds(joint, on_the_spot):
    graph, vertices = joint
    images, total = np.flatnonzero(vertices.image), 0
    distances, before = graph.distances(images)
    for source in images.tolist():
        wanted = set()
        for target in images.tolist():
            path = path_to(target, before[source])
            reached = target != source and np.isfinite(distances[source, target])
            if reached and is_smooth(path, vertices, on_the_spot):
                wanted.add(path)
        found = smooth_paths(source, before[source], vertices, on_the_spot=on_the_spot)
        assert len(found) == len(set(found))
        assert set(found) == wanted
        total += len(found)
    assert total > 100  # there is something to find
    assert count_smooth(graph, vertices)[int(on_the_spot)] == total


def test_some_smooth_path_leads_over_a_text(joint):
    graph, vertices = joint
    paths = []
    for source in np.flatnonzero(vertices.image).tolist():
        _, before = graph.distances(np.array([source]))
        paths += smooth_paths(source, before[0], vertices, on_the_spot=True)
    assert any(not vertices.image[list(path)].all() for path in paths)
    assert any(len(set(vertices.scene[list(path)])) < len(path) for path in paths)  # on the spot
    assert not any((vertices.scene[list(path)] < 0).any() for path in paths)


def test_progress_and_neighbour_lists(joint):
    graph, vertices = joint
    told = []
    count_smooth(graph, vertices, told.append)
    assert told[-1] == 1.0
    lists = neighbour_lists(np.array([[0, 2], [1, 2]]), 4)
    assert [one.tolist() for one in lists] == [[2], [2], [0, 1], []]
