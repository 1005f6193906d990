"""What the user marked right or wrong, as rankers and lists read it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from xview.arrays import Ints
from xview.retrieval.base import Query
from xview.retrieval.feedback import amounts
from xview.session.resolve import Resolved


def marked_query(query: Query, resolved: Resolved) -> Query:
    """The query with the marks beside it."""
    feedback = resolved.feedback
    if not feedback:
        return query
    marked = np.concatenate([_positions(resolved, feedback.right), _positions(resolved, feedback.wrong)])
    weights = amounts(len(feedback.right), len(feedback.wrong), resolved.view.feedback_settings)
    return replace(query, marked=marked, amounts=weights)


def marks_of(resolved: Resolved) -> npt.NDArray[np.int8]:
    """(n,) 1 for gallery items marked right, -1 for those marked wrong, 0 for the others."""
    marks = np.zeros(len(resolved.task.gallery_rows), dtype=np.int8)
    marks[_positions(resolved, resolved.feedback.right)] = 1
    marks[_positions(resolved, resolved.feedback.wrong)] = -1
    return marks


def _positions(resolved: Resolved, ids: tuple[str, ...]) -> Ints:
    """(f,) positions in the gallery, which holds all of them (`resolve` saw to it)."""
    row_of = resolved.task.gallery.row_of
    rows = np.array([row_of[name] for name in ids], dtype=np.int64)
    return np.searchsorted(resolved.task.gallery_rows, rows).astype(np.int64)
