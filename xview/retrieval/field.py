"""From open spaces and a task to the arrays rankers read. One place, for window, command line and workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from xview.arrays import Ints
from xview.data.protocol import Protocol, Task
from xview.errors import SpaceError
from xview.retrieval.base import Field
from xview.retrieval.surroundings import surroundings
from xview.spaces.provenance import checkpoint_of, space_called
from xview.spaces.space import EmbeddingSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceChoice:
    """Names of the spaces a ranking reads; an empty own space means there is none."""

    shared: str
    own_query: str = ""
    own_gallery: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The spaces that are read, the shared one first."""
        return tuple(name for name in (self.shared, self.own_query, self.own_gallery) if name)

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


def shared_candidates(spaces: Mapping[str, EmbeddingSpace], protocol: Protocol) -> tuple[str, ...]:
    """Names of the spaces that compare query and gallery.

    Of one modality with itself, its single-modal ones and then those it shares with others: there, ways lead
    over the others' items.
    """
    both = candidates(spaces, protocol.query, protocol.gallery)
    if protocol.query == protocol.gallery:
        return (*both, *(name for name, s in spaces.items() if s.shared and protocol.query in s.modalities))
    return both


def own_space(spaces: Mapping[str, EmbeddingSpace], shared: str, modality: str) -> str:
    """The single-modal space to walk in beside a shared one; empty where there is none.

    One of the same training where it made any, as the walk was published with; else the first features.
    """
    fitting = candidates(spaces, modality)
    checkpoint = checkpoint_of(spaces[shared])
    related = [name for name in fitting if checkpoint and checkpoint_of(spaces[name]) == checkpoint]
    features = [name for name in fitting if checkpoint_of(spaces[name]) is None]
    return next(iter((*related, *features, *fitting)), "")


def choose_spaces(
    spaces: Mapping[str, EmbeddingSpace],
    protocol: Protocol,
    *,
    shared: str | None = None,
    own_query: str | None = None,
    own_gallery: str | None = None,
) -> SpaceChoice:
    """Fill in what was not named: the first shared space that fits, and the `own_space` of each side.

    Raises:
        SpaceError: A named space is unknown or lacks a modality; none fits and none was named.
    """
    both = shared_candidates(spaces, protocol)
    if not shared and not both:
        raise SpaceError(
            f"no shared space holds both {protocol.query} and {protocol.gallery}; "
            "load one, or fit the cca baseline on the seen classes"
        )
    chosen = _named(spaces, shared, (protocol.query, protocol.gallery), "shared") or both[0]
    own = [
        _named(spaces, named, (modality,), role) or own_space(spaces, chosen, modality)
        for named, modality, role in (
            (own_query, protocol.query, "own-query"),
            (own_gallery, protocol.gallery, "own-gallery"),
        )
    ]
    return SpaceChoice(shared=chosen, own_query=own[0], own_gallery=own[1])


def _named(
    spaces: Mapping[str, EmbeddingSpace], named: str | None, modalities: tuple[str, ...], role: str
) -> str:
    """The space the user named, itself or its run, checked; empty where none was named."""
    if not named:
        return ""
    named = space_called(spaces, named, modalities)
    missing = [m for m in modalities if m not in spaces[named].modalities]
    if missing:
        raise SpaceError(f"space {named!r} has no {missing[0]}, so it cannot be the {role} space")
    return named


def build_field(task: Task, spaces: Mapping[str, EmbeddingSpace], choice: SpaceChoice) -> Field:
    """The features of exactly the items the task chose.

    Raises:
        SpaceError: A vector among them is zero or not finite.
    """
    query, gallery = task.protocol.query, task.protocol.gallery
    shared = spaces[choice.shared]
    elsewhere: dict[str, Callable[[], Field]] = {
        name: partial(_field_in, name, task, spaces)
        for name in shared_candidates(spaces, task.protocol)
        if name != choice.shared
    }
    field = Field(
        x_shared=shared.unit(query)[task.query_rows],
        y_shared=shared.unit(gallery)[task.gallery_rows],
        x_own=spaces[choice.own_query].unit(query)[task.query_rows] if choice.own_query else None,
        y_own=spaces[choice.own_gallery].unit(gallery)[task.gallery_rows] if choice.own_gallery else None,
        x_row_of_y=_positions(task.query_rows, task.gallery_rows) if query == gallery else None,
        elsewhere=elsewhere,
        surroundings=partial(surroundings, task, shared),
    )
    elsewhere[choice.shared] = lambda: field
    return field


def _field_in(shared: str, task: Task, spaces: Mapping[str, EmbeddingSpace]) -> Field:
    return build_field(task, spaces, choose_spaces(spaces, task.protocol, shared=shared))


def _positions(x_rows: Ints, y_rows: Ints) -> Ints:
    """(n,) position of each of `y_rows` in the ascending `x_rows`, -1 where absent."""
    at = np.minimum(np.searchsorted(x_rows, y_rows), len(x_rows) - 1)
    return np.where(x_rows[at] == y_rows, at, -1).astype(np.int64)
