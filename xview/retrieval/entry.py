"""Checks of a query against the field it asks."""

from __future__ import annotations

import numpy as np

from xview.arrays import Bools, Floats
from xview.errors import QueryError
from xview.retrieval.base import Field, Query


def check(query: Query, field: Field) -> None:
    """Reject a query the field cannot place.

    Raises:
        QueryError: No item and no shared feature, a position out of range, or a feature of another width.
    """
    if query.marked.shape != query.amounts.shape:
        raise QueryError(f"{len(query.marked)} items are marked but {len(query.amounts)} weights given")
    if len(query.marked) and not 0 <= query.marked.min() <= query.marked.max() < len(field.y_shared):
        raise QueryError(f"a mark names a gallery item outside 0 to {len(field.y_shared) - 1}")
    if query.outside:
        _check_feature(query.shared, field.x_shared, "shared")
        if field.x_own is not None:
            _check_feature(query.own, field.x_own, "single-modal")
    elif len(query.rows) == 0:
        raise QueryError("the query names no item and brings no feature in the shared space")
    elif query.rows.shape != query.weights.shape:
        raise QueryError(f"the query has {len(query.rows)} items but {len(query.weights)} weights")
    elif query.rows.min() < 0 or query.rows.max() >= len(field.x_shared):
        raise QueryError(f"the query names an item outside 0 to {len(field.x_shared) - 1}")


def own_answers(query: Query, field: Field) -> Bools:
    """(n,) bool: gallery items that are themselves in the query; they score 0."""
    if field.x_row_of_y is None:
        return np.zeros(len(field.y_shared), dtype=np.bool_)
    return np.isin(field.x_row_of_y, query.rows)


def _check_feature(feature: Floats | None, like: Floats, space: str) -> None:
    if feature is not None and feature.shape != like.shape[1:]:
        raise QueryError(
            f"the query's {space} feature has {feature.size} values, the space has {like.shape[1]} dimensions"
        )
