"""Every error xview raises on purpose. The message is fit for a user: what, where, what to do.

Anything that is not an `XViewError` is a bug of ours and reaches the user with its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class XViewError(Exception):
    """Base of the errors a user can act on."""


class DataError(XViewError):
    """A file or folder from outside cannot be read as what it claims to be."""


class SettingError(XViewError):
    """A setting is unknown, of the wrong type, or out of its range."""


class SpaceError(XViewError):
    """No space of the kind asked for, or vectors that make none."""


class QueryError(XViewError):
    """The query cannot be answered in the spaces that are open."""


class ConvergenceError(XViewError):
    """An iterative solver gave up."""


class TrainingError(XViewError):
    """A system cannot be trained on this data, or its training went astray."""


class CheckpointError(XViewError):
    """A checkpoint is damaged, or belongs to other data, another system or other dimensions."""


class MissingExtraError(XViewError):
    """An optional dependency is needed; the message names the extra that brings it."""


def nearest_name(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name closest to `name`, or the empty string."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
