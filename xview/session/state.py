"""What the user asked for (`ViewState`); what follows from it is `xview.session.resolve`. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from xview.arrays import AnyArray
from xview.data.protocol import Protocol
from xview.retrieval.feedback import FeedbackSettings
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.rows import Rows
from xview.session.workspace import DEFAULT_METHOD
from xview.settings import Settings


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """Items of the query modality, by id; several with signed weights make a multi-hot query."""

    ids: tuple[str, ...]
    weights: tuple[float, ...] = ()

    @property
    def amounts(self) -> tuple[float, ...]:
        """One weight an id; 1 where none were given."""
        return self.weights or (1.0,) * len(self.ids)


@dataclass(frozen=True, slots=True)
class PictureQuery:
    """A picture from outside the data, by path."""

    path: str


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A sentence from outside the data."""

    text: str


@dataclass(frozen=True, slots=True)
class ModifiedQuery:
    """A picture of the query modality, by id, but different as a sentence says."""

    id: str
    text: str


Selection: TypeAlias = tuple[tuple[str, Rows], ...]
"""Rows by modality, both ascending; a modality without rows is left out. Made by `selection_of`."""


def selection_of(rows: Mapping[str, AnyArray | Sequence[int]]) -> Selection:
    """The selection of these rows by modality, in any order, twice or once."""
    return tuple(
        (modality, found if isinstance(found, Rows) else Rows(found))
        for modality, found in sorted(rows.items())
        if len(found)
    )


QueryRef: TypeAlias = ItemsQuery | PictureQuery | TextQuery | ModifiedQuery


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the past, and the protocol it was asked under."""

    query: QueryRef
    protocol: Protocol


@dataclass(frozen=True, slots=True)
class Feedback:
    """Gallery items the user marked right or wrong for the present query, by id, in the order of marking."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.right or self.wrong)

    def marked(self, name: str, *, right: bool) -> Feedback:
        """With this item marked so, and no longer otherwise; marked so already, without the mark."""
        kept = Feedback(*(tuple(n for n in names if n != name) for names in (self.right, self.wrong)))
        if name in (self.right if right else self.wrong):
            return kept
        return replace(kept, right=(*kept.right, name)) if right else replace(kept, wrong=(*kept.wrong, name))


class ColourBy(StrEnum):
    """What colours the maps."""

    CLASS = "class"
    MODALITY = "modality"
    GROUP = "group"
    SPLIT = "split"
    AP = "average precision"
    SCORE = "score"
    FIGURE = "figure"  # whatever a dock showed last, under its own name


class Overlay(StrEnum):
    """Drawn over the maps: the best results, what carried the chosen one, pairs tied, a walk, a way."""

    HITS = "hits"
    BRIDGES = "bridges"
    PAIRS = "pairs"
    WALK = "walk"
    TORN = "torn edges"
    MOVEMENT = "movement"
    PATH = "shortest path"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class RankerChoice:
    """A ranker by name with its settings."""

    name: str
    settings: Settings

    @property
    def title(self) -> str:
        """What people call it."""
        return RANKERS[self.name].title


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """The user's intentions; every field may be stale against the data.

    Attributes:
        protocol: Directions and classes; None lets the data decide.
        spaces: Names of the spaces to rank in; empty names let the data decide.
        ranker, other: Names; `other` is B of A|B, or None.
        other_spaces: Where B ranks instead, or None: where A does.
        settings: Settings the user changed, by ranker name.
        query: What is asked.
        why: Gallery id whose score is explained, or None.
        why_in_other: Whether B's score is explained rather than A's.
        feedback: What was marked for this query and gallery; another query begins without marks.
        feedback_settings: What marks weigh.
        selection: Selected rows by modality.
        colour_by, overlay: How the maps look.
        hidden: Names of the colours' categories taken off the maps; they are of `colour_by`.
        hidden_modalities, hidden_spaces: Taken off the maps as well.
        shown_spaces: On the maps, though no ranker reads them.
        all_items: Show items the protocol did not choose, too.
        isolated: Show the selected items only.
        method: Projection of the maps; `methods` names another one for single spaces.
    """

    protocol: Protocol | None = None
    spaces: SpaceChoice = field(default_factory=lambda: SpaceChoice(shared=""))
    ranker: str = "heterogeneous"
    other: str | None = None
    other_spaces: SpaceChoice | None = None
    settings: tuple[tuple[str, Settings], ...] = ()
    query: QueryRef | None = None
    why: str | None = None
    why_in_other: bool = False
    feedback: Feedback = Feedback()
    feedback_settings: FeedbackSettings = field(default_factory=FeedbackSettings)
    selection: Selection = ()
    colour_by: ColourBy = ColourBy.CLASS
    overlay: Overlay = Overlay.HITS
    hidden: frozenset[str] = frozenset()
    hidden_modalities: frozenset[str] = frozenset()
    hidden_spaces: frozenset[str] = frozenset()
    shown_spaces: frozenset[str] = frozenset()
    all_items: bool = False
    isolated: bool = False
    method: str = DEFAULT_METHOD
    methods: tuple[tuple[str, str], ...] = ()

    def changed(self, **changes: Any) -> ViewState:
        """With these fields changed; marks do not outlive the query and the gallery they were made for."""
        new = replace(self, **changes)
        galleries = [state.protocol.gallery if state.protocol else "" for state in (self, new)]
        if "feedback" not in changes and (new.query != self.query or galleries[0] != galleries[1]):
            return replace(new, feedback=Feedback())
        return new

    def method_of(self, space: str) -> str:
        """How the map of a space is projected."""
        return dict(self.methods).get(space, self.method)

    def settings_of(self, ranker: str) -> Settings:
        """What the user set for this ranker, or its defaults."""
        return dict(self.settings).get(ranker) or RANKERS[ranker].settings()

    def with_settings(self, ranker: str, settings: Settings) -> tuple[tuple[str, Settings], ...]:
        """`settings` with this ranker's replaced."""
        return tuple(sorted({**dict(self.settings), ranker: settings}.items(), key=lambda pair: pair[0]))
