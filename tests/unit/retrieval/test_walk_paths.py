"""The heaviest paths to a result against all simple ways on a small field."""

from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field
from xview.retrieval.base import Query, Side
from xview.retrieval.graphs import FieldGraphs, Manifold
from xview.retrieval.walk import HOP_THEN_WALK, WALK_THEN_HOP, WalkRanker
from xview.retrieval.walk_paths import Stop, heaviest_paths
from xview.retrieval.walk_settings import Truncation, WalkSettings

FIELD = make_field(m=7, n=7)


def walker(field=FIELD, **settings):
    given = {"k": 4, "k_q": 3, "alpha": 0.8, "tol": 1e-12, "truncation": Truncation.NONE, **settings}
    return WalkRanker(WalkSettings(**given), Manifold.OWN, FieldGraphs(field))


def every_way(ranker, row, position):
    """Weight of every simple way from item `row` to the result, by its stops."""
    s, ways = ranker.settings, ranker.ways
    xs, ys = (s.alpha * ways.graph(side).steps.matrix.toarray() for side in (Side.QUERY, Side.GALLERY))
    yx, xy = ways.links.yx.toarray(), ways.links.xy.toarray()
    found = {}
    for length in range(1, 8):
        for way in permutations(range(7), length):
            pairs = list(pairwise(way))
            if way[-1] == position:
                stops = (Stop(Side.QUERY, row), *(Stop(Side.GALLERY, v) for v in way))
                found[stops] = (1 - s.lam) * yx[way[0], row] * np.prod([ys[pair] for pair in pairs])
            if way[0] == row:
                stops = (*(Stop(Side.QUERY, v) for v in way), Stop(Side.GALLERY, position))
                found[stops] = (
                    found.get(stops, 0) + s.lam * np.prod([xs[p] for p in pairs]) * xy[way[-1], position]
                )
    return {stops: weight for stops, weight in found.items() if weight}


@pytest.mark.parametrize("lam", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("position", range(7))
def test_the_heaviest_path_of_all(position, lam):
    ranker = walker(lam=lam)
    every = every_way(ranker, 2, position)
    paths = heaviest_paths(ranker, Query.item(2), position, count=9)
    score = ranker.rank(Query.item(2)).scores[position]
    assert bool(paths) == bool(every)
    for path in paths:
        direct = len(path.stops) == 2  # both directions share the stops of the one-step way
        assert direct or path.weight == pytest.approx(every[path.stops])
        assert path.share == pytest.approx(path.weight / score)
    if every:
        most = max((weight, stops) for stops, weight in every.items() if len(stops) > 2 or lam in (0.0, 1.0))
        assert paths[0].weight >= most[0] - 1e-15
    assert sum(path.share for path in paths) <= 1 + 1e-9
    assert [path.weight for path in paths] == sorted((path.weight for path in paths), reverse=True)


def test_paths_name_their_direction_and_count():
    paths = [path for position in range(7) for path in heaviest_paths(walker(), Query.item(2), position)]
    assert {path.part for path in paths} == {HOP_THEN_WALK, WALK_THEN_HOP}
    for path in paths:
        sides = [stop.side for stop in path.stops]
        assert sides == sorted(sides, key=[Side.QUERY, Side.GALLERY].index)
        assert path.stops[0] == Stop(Side.QUERY, 2)
        assert sides.count(Side.QUERY if path.part == HOP_THEN_WALK else Side.GALLERY) == 1
    assert len(heaviest_paths(walker(), Query.item(2), 0, count=1)) <= 1


def test_a_mark_is_a_source_of_its_own_and_a_wrong_one_takes_away():
    ranker = walker(lam=0.0)
    hops = ranker.ways.links.yx[:, [2]].toarray()[:, 0]
    free = int(np.flatnonzero(hops == 0)[0])
    for amount in (3.0, -3.0):
        query = replace(Query.item(2), marked=np.array([free]), amounts=np.array([amount]))
        mine = [p for p in heaviest_paths(ranker, query, free, 9) if p.stops == (Stop(Side.GALLERY, free),)]
        assert len(mine) == 1
        assert mine[0].weight == pytest.approx(amount * hops.sum())
        assert np.sign(mine[0].weight) == np.sign(amount)


def test_a_query_from_outside_begins_where_it_enters():
    query = Query(shared=FIELD.x_shared[3], own=FIELD.x_own[3])
    paths = heaviest_paths(walker(), query, 1)
    assert paths
    for path in paths:
        first = Side.GALLERY if path.part == HOP_THEN_WALK else Side.QUERY
        assert path.stops[0].side is first
