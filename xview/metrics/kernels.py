"""Compiled loops. Imported only where there is work enough to repay loading numba."""

from __future__ import annotations

import numpy as np
from numba import njit

from xview.arrays import AnyArray, Doubles, Ints
from xview.metrics.roles import RELEVANT, RETURNED

_BLOCK = 256


@njit(nogil=True, boundscheck=False, cache=True)  # type: ignore[untyped-decorator]
def relevant_ranks(scores: Doubles, roles: AnyArray, offsets: Ints, ranks: Ints) -> None:
    """Fill `ranks` with the ranks of every row's relevant items, best first, counted from 1.

    Only the relevant items are sorted; for every other item a search among them says how many it precedes.
    The search runs over a block of items in lockstep without branches, so that it vectorises.

    Args:
        scores: (b, n) finite; higher is nearer, equal scores are ranked in gallery order.
        roles: (b, n) uint8 of `xview.metrics.roles`.
        offsets: (b + 1,) where each row's ranks start; differences are the rows' numbers of relevant items.
        ranks: (offsets[-1],) output.
    """
    n = scores.shape[1]
    below = np.zeros(_BLOCK, dtype=np.uint32)
    for b in range(scores.shape[0]):
        row, role = scores[b], roles[b]
        hits = offsets[b + 1] - offsets[b]
        if hits == 0:
            continue
        size = 1
        while size < hits + 1:
            size *= 2
        levels = np.full(size, np.inf)  # the relevant items' scores, ascending, filled up for the search
        at = 0
        for j in range(n):
            if role[j] == RELEVANT:
                levels[at] = row[j]
                at += 1
        levels[:hits].sort()
        equal = np.zeros(size, dtype=np.int64)  # at the first of equal levels: how many are still to come
        first = 0
        for i in range(hits):
            if levels[i] != levels[first]:
                first = i
            equal[first] += 1
        precedes = np.zeros(size + 1, dtype=np.int64)  # c -> items that precede exactly the c lowest levels
        for start in range(0, n, _BLOCK):
            count = min(_BLOCK, n - start)
            below[:] = 0
            step = size >> 1
            while step > 0:
                for q in range(count):
                    low = below[q]
                    passed = levels[low + np.uint32(step - 1)] < row[start + q]
                    below[q] = low + np.uint32(step) * np.uint32(passed)
                step >>= 1
            for q in range(count):
                j, low = start + q, below[q]
                if role[j] == RELEVANT:
                    equal[low] -= 1
                elif role[j] == RETURNED:
                    tied = equal[low] if levels[low] == row[j] else 0
                    precedes[low + tied] += 1
        before = precedes[hits]
        for i in range(hits):
            ranks[offsets[b] + i] = before + i + 1
            before += precedes[hits - 1 - i]
