"""Queries that are no items: where each has a place, and the task that finds it. No Qt."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, TypeAlias

from xview.errors import QueryError
from xview.session.resolve import Resolved
from xview.session.state import ModifiedQuery, PictureQuery, QueryRef, TextQuery
from xview.spaces.encode import encoder_of

Place: TypeAlias = tuple[QueryRef, str, str]
"""An outside query, the modality it counts as, and a space."""


def places_wanted(resolved: Resolved) -> tuple[Place, ...]:
    """Where an outside query is placed to be ranked: shared spaces, A's first, then own ones if that can be.

    Raises:
        QueryError: A shared space does not say how to place it.
    """
    query, open_spaces = resolved.query, resolved.workspace.spaces
    assert query is not None
    if isinstance(query, ModifiedQuery):
        return (_place_modified(resolved, query),)
    modality, payload = resolved.task.protocol.query, str if isinstance(query, TextQuery) else bytes
    places = {}
    for choice in resolved.places:
        encoder_of(open_spaces[choice.shared], modality, payload)
        places[query, modality, choice.shared] = True
    for own in dict.fromkeys(choice.own_query for choice in resolved.places if choice.own_query):
        with contextlib.suppress(QueryError):  # then the walk starts on the gallery's side only
            encoder_of(open_spaces[own], modality, payload)
            places[query, modality, own] = True
    return tuple(places)


def _place_modified(resolved: Resolved, query: ModifiedQuery) -> Place:
    """A modified picture has a place in the space that learnt to modify, and no other.

    Raises:
        QueryError: B ranks in another space.
    """
    assert resolved.spaces is not None
    modality, other = resolved.task.protocol.query, resolved.other_spaces or resolved.spaces
    if other.shared != resolved.spaces.shared:
        raise QueryError(
            f"a modified picture has no place in {other.shared!r}: let B rank in {resolved.spaces.shared!r}"
        )
    return query, modality, resolved.spaces.shared


def placing(query: QueryRef, wanted: tuple[Place, ...]) -> tuple[str, dict[str, Any]]:
    """The task that places a query from outside, and its config."""
    spaces = [space for _, _, space in wanted]
    match query:
        case ModifiedQuery(name, text):
            return "xview.jobs.modify:compose", {"space": spaces[0], "picture": name, "text": text}
        case PictureQuery(path):
            return "encode_outside", {"modality": wanted[0][1], "spaces": spaces, "picture": path}
        case TextQuery(text):
            return "encode_outside", {"modality": wanted[0][1], "spaces": spaces, "text": text}
    raise AssertionError("items have a place")


def called(query: QueryRef) -> str:
    """What to call a query while it is encoded."""
    if isinstance(query, ModifiedQuery):
        return "the modified picture"
    return Path(query.path).name if isinstance(query, PictureQuery) else "the text"
