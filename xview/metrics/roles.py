"""What a gallery item is to a query, as one byte; the ranks of the relevant ones."""

from __future__ import annotations

import numpy as np

from xview.arrays import AnyArray, Bools, Doubles, Ints

RETURNED = 0  # an answer of another class
RELEVANT = 1  # an answer of the query's class
IGNORED = 2  # no answer at all: the query itself, its own group, junk


def roles_of(relevant: Bools, ignored: Bools) -> AnyArray:
    """(n,) uint8 roles; an ignored item counts as nothing, relevant or not."""
    roles = relevant.astype(np.uint8)
    roles[ignored] = IGNORED
    return roles


def relevant_ranks(scores: Doubles, roles: AnyArray) -> Ints:
    """(r,) int64 ranks from 1 of one query's relevant items, best first.

    Ignored items are removed before ranking; equal scores are ranked in gallery order.
    """
    kept = roles != IGNORED
    order = np.argsort(-scores[kept], kind="stable")
    return (np.flatnonzero(roles[kept][order] == RELEVANT) + 1).astype(np.int64)
