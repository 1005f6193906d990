"""From open spaces and a task to the arrays rankers read. One place, for window, command line and workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xview.arrays import Ints
from xview.data.protocol import Protocol, Task
from xview.errors import SpaceError, nearest_name
from xview.retrieval.base import Field
from xview.spaces.space import EmbeddingSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceChoice:
    """Names of the spaces a ranking reads; an empty own space means there is none."""

    shared: str
    own_query: str = ""
    own_gallery: str = ""

    def swapped(self) -> SpaceChoice:
        """The same spaces for the other direction."""
        return SpaceChoice(shared=self.shared, own_query=self.own_gallery, own_gallery=self.own_query)


def candidates(spaces: Mapping[str, EmbeddingSpace], *modalities: str) -> tuple[str, ...]:
    """Names of the spaces fit to compare `modalities`: single-modal for one, shared for several."""
    wanted = set(modalities)
    return tuple(
        name
        for name, space in spaces.items()
        if wanted <= set(space.modalities) and space.shared == (len(wanted) > 1)
    )


def choose_spaces(
    spaces: Mapping[str, EmbeddingSpace],
    protocol: Protocol,
    *,
    shared: str | None = None,
    own_query: str | None = None,
    own_gallery: str | None = None,
) -> SpaceChoice:
    """Fill in what was not named: the only shared space, the only single-modal ones.

    A query and a gallery of one modality need no shared space; its single-modal one serves.

    Raises:
        SpaceError: A named space is unknown or lacks a modality; none or several fit and none was named.
    """
    both = candidates(spaces, protocol.query, protocol.gallery)
    if protocol.query == protocol.gallery and not both:
        both = tuple(name for name, space in spaces.items() if protocol.query in space.modalities)
    return SpaceChoice(
        shared=_pick(spaces, shared, both, (protocol.query, protocol.gallery), "shared", needed=True),
        own_query=_pick(
            spaces, own_query, candidates(spaces, protocol.query), (protocol.query,), "own-query"
        ),
        own_gallery=_pick(
            spaces, own_gallery, candidates(spaces, protocol.gallery), (protocol.gallery,), "own-gallery"
        ),
    )


def _pick(
    spaces: Mapping[str, EmbeddingSpace],
    named: str | None,
    fitting: tuple[str, ...],
    modalities: tuple[str, ...],
    role: str,
    *,
    needed: bool = False,
) -> str:
    if named:
        if named not in spaces:
            known = ", ".join(spaces) or "none"
            raise SpaceError(f"no space {named!r}{nearest_name(named, spaces)} (known: {known})")
        missing = [m for m in modalities if m not in spaces[named].modalities]
        if missing:
            raise SpaceError(f"space {named!r} has no {missing[0]}, so it cannot be the {role} space")
        return named
    if len(fitting) > 1:
        raise SpaceError(f"several spaces fit as {role}: {', '.join(fitting)}; name one with --{role}")
    if not fitting and needed:
        raise SpaceError(
            f"no shared space holds both {modalities[0]} and {modalities[-1]}; "
            "load one, or fit the cca baseline on the seen classes"
        )
    return fitting[0] if fitting else ""


def build_field(task: Task, spaces: Mapping[str, EmbeddingSpace], choice: SpaceChoice) -> Field:
    """The features of exactly the items the task chose.

    Raises:
        SpaceError: A vector among them is zero or not finite.
    """
    query, gallery = task.protocol.query, task.protocol.gallery
    shared = spaces[choice.shared]
    return Field(
        x_shared=shared.unit(query)[task.query_rows],
        y_shared=shared.unit(gallery)[task.gallery_rows],
        x_own=spaces[choice.own_query].unit(query)[task.query_rows] if choice.own_query else None,
        y_own=spaces[choice.own_gallery].unit(gallery)[task.gallery_rows] if choice.own_gallery else None,
        x_row_of_y=_positions(task.query_rows, task.gallery_rows) if query == gallery else None,
    )


def _positions(x_rows: Ints, y_rows: Ints) -> Ints:
    """(n,) position of each of `y_rows` in the ascending `x_rows`, -1 where absent."""
    at = np.minimum(np.searchsorted(x_rows, y_rows), len(x_rows) - 1)
    return np.where(x_rows[at] == y_rows, at, -1).astype(np.int64)
