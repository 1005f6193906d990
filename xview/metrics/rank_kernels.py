"""Compiled loops that rank each item's neighbours. Imports numba.

A row of float32 distances is sorted into buckets of like distances; nearest neighbours and ranks are then
found among the few items of a bucket, however many are asked for. Wherever two distances are so alike that
their rounding leaves the order open, both are taken again in float64: ranks do not hang on rounding, block
size or machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from xview.arrays import AnyArray, Doubles, Floats, Ints

BUCKETS = 4096  # their starts fit the nearest cache


class Coarse(NamedTuple):
    """Distances of b items from all n of a space, as a matrix product gives them.

    Attributes:
        space: (n, d) float32 contiguous.
        first: (n,) int32, the first position of the same vector.
        distances: (b, n) float32, squared, up to a positive factor, a constant per row and an error below
            `slack`; infinite from an item to itself.
        slack: (b,) float32, above 0.
        least: (b,) float32, the first bucket's lower end, such as the least distance.
        per_unit: (b,) float32, buckets per unit of distance; what lies beyond the last is put into the last.
    """

    space: Floats
    first: AnyArray
    distances: Floats
    slack: Floats
    least: Floats
    per_unit: Floats


class _Row(NamedTuple):
    """One item's distances, sorted.

    `places[starts[b] : starts[b + 1]]` are the items of bucket b, by position.
    `known[j]` is `item` once `exact[j]` is its squared distance from j in float64, for j first of its vector.
    """

    item: int
    space: Floats
    first: AnyArray
    distances: Floats
    slack: np.float32
    least: np.float32
    per_unit: np.float32
    starts: AnyArray
    places: AnyArray
    exact: Doubles
    known: AnyArray


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def rank_block(rows: Ints, there: Coarse, here: Coarse, low: Ints, high: Ints) -> None:
    """Fill `low` and `high`, (b, k), for the items `rows`, (b,), as `neighbour_ranks` returns them."""
    n = len(there.space)
    starts, places = np.empty((2, BUCKETS + 2), np.int32), np.empty((2, n), np.int32)
    exact, known, bucket = np.empty((2, n)), np.full((2, n), -1, np.int32), np.empty(n, np.int32)
    near_there, near_here = np.empty((2, low.shape[1]), np.int64)
    for b in range(len(rows)):
        in_there = _sorted_row(there, b, rows[b], starts[0], places[0], exact[0], known[0], bucket)
        in_here = _sorted_row(here, b, rows[b], starts[1], places[1], exact[1], known[1], bucket)
        _nearest(in_there, near_there)
        _nearest(in_here, near_here)
        _rank(in_there, near_here, low[b])
        _rank(in_here, near_there, high[b])


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _sorted_row(
    coarse: Coarse,
    b: int,
    item: int,
    starts: AnyArray,
    places: AnyArray,
    exact: Doubles,
    known: AnyArray,
    bucket: AnyArray,
) -> _Row:
    """Sort row b by counting, into the arrays given."""
    distances, least, per_unit = coarse.distances[b], coarse.least[b], coarse.per_unit[b]
    n = len(distances)
    for j in range(n):
        bucket[j] = _bucket(distances[j], least, per_unit)
    starts[:] = 0
    for j in range(n):
        starts[bucket[j] + 2] += 1
    for c in range(2, len(starts)):
        starts[c] += starts[c - 1]
    for j in range(n):  # starts[c + 1] runs from where bucket c starts to where the next one does
        place = starts[bucket[j] + 1]
        places[place] = j
        starts[bucket[j] + 1] = place + 1
    space, first, slack = coarse.space, coarse.first, coarse.slack[b]
    return _Row(item, space, first, distances, slack, least, per_unit, starts, places, exact, known)


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _bucket(distance: np.float32, least: np.float32, per_unit: np.float32) -> np.int32:
    """Never less for a larger distance, since each rounding keeps order."""
    place = (distance - least) * per_unit
    return np.int32(max(np.float32(0), min(place, np.float32(BUCKETS - 1))))


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _exact(row: _Row, j: int) -> float:
    first = row.first[j]
    if row.known[first] != row.item:
        row.exact[first] = _squared(row.space, row.item, first)
        row.known[first] = row.item
    distance: float = row.exact[first]
    return distance


@njit(nogil=True, boundscheck=False, cache=True, fastmath={"reassoc"})  # type: ignore[untyped-decorator]
def _squared(space: Floats, i: int, j: int) -> float:
    total = 0.0
    for c in range(space.shape[1]):
        difference = np.float64(space[i, c]) - np.float64(space[j, c])
        total += difference * difference
    return total


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _nearer(row: _Row, j: int, other: int) -> bool:
    one, two = _exact(row, j), _exact(row, other)
    return one < two or (one == two and j < other)


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _nearest(row: _Row, near: Ints) -> None:
    """Fill `near`, (k,), with the nearest items, by insertion; from the buckets they come nearly in order."""
    k, count, c = len(near), 0, 0
    limit, end = np.float32(np.inf), len(row.places)
    while c < end:
        j = row.places[c]
        c += 1
        if row.distances[j] > limit or j == row.item:
            continue
        if count < k:
            count += 1
        elif not _nearer(row, j, near[-1]):
            continue
        a = count - 1
        while a > 0 and _nearer(row, j, near[a - 1]):
            near[a] = near[a - 1]
            a -= 1
        near[a] = j
        if count == k:
            limit = np.float32(row.distances[near[-1]] + 3 * row.slack)
            end = row.starts[_bucket(limit, row.least, row.per_unit) + 1]


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def _rank(row: _Row, items: Ints, ranks: Ints) -> None:
    """Fill `ranks`, (k,), with those of `items`, (k,), among all but the row's own."""
    for a in range(len(items)):
        j = items[a]
        least = np.float32(row.distances[j] - 3 * row.slack)
        most = np.float32(row.distances[j] + 3 * row.slack)
        start = row.starts[_bucket(least, row.least, row.per_unit)]
        end = row.starts[_bucket(most, row.least, row.per_unit) + 1]
        rank, own = start + 1, -1.0
        for c in range(start, end):
            other = row.places[c]
            if row.distances[other] < least:
                rank += 1
            elif row.distances[other] <= most and other != j:
                own = own if own >= 0 else _exact(row, j)
                its = _exact(row, other)
                rank += its < own or (its == own and other < j)
        ranks[a] = rank
