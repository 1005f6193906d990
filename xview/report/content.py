"""What a report says, ready to be set on a page: plain values, no arrays and no data sets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An item as a reader meets it; `picture` is a data URI, `text` its words, either may be empty."""

    title: str
    about: str
    picture: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One ranked item; `hit` is None where the class of the query or the item is unknown."""

    rank: int
    score: str
    hit: bool | None
    item: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedList:
    """One ranker's first results for an example query."""

    ranker: str
    ap: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A query and what each ranker finds; `role` says why it was chosen."""

    role: str
    direction: str
    query: Shown
    matches: int
    lists: tuple[RankedList, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure and whether it is the best of its column and direction."""

    text: str
    best: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One ranker's figures in one direction."""

    ranker: str
    cells: tuple[Cell, ...]
    queries: int
    without_match: int
    parameters: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """Mean average precision of one class's queries, one share of 1 for each ranker; None without queries."""

    name: str
    queries: int
    shares: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurves:
    """Sorted scores of a fusion's sources for one query, as an <svg> element.

    `keys` name them: number of the colour, dashes, words.
    """

    query: str
    drawing: str
    keys: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """CMC and precision-recall of every ranker, mAP of the walks against lambda, as <svg> elements.

    `lam` is empty where there is no walk, `scores` is None where there is no fusion.
    """

    cmc: str
    precision_recall: str
    lam: str
    scores: ScoreCurves | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceMap:
    """One space laid out, as a data URI of a transparent picture."""

    title: str
    caption: str
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A legend entry: a class with its colour, or a modality with its mark as an SVG path."""

    name: str
    sign: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """All that belongs to one direction."""

    title: str
    rows: tuple[Row, ...]
    classes: tuple[ClassRow, ...]
    classes_left_out: int
    curves: Curves


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same items in their single-modal space and in the shared one, side by side."""

    title: str
    before: SpaceMap
    after: SpaceMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A plot as an <svg> element, and what it says in words."""

    title: str
    drawing: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distorted:
    """What the shared space did to each modality's neighbourhoods.

    Attributes:
        space: The shared space.
        k: Neighbours that count.
        headings, rows: A line a modality: measures at k.
        told: Gap and hubs, a sentence each.
        fragments: The class of each modality that came apart most.
        edges: Torn edges and false bridges of each modality.
        quality: Measures against k, one plot a modality; `quality_keys` names the curves with their dashes.
        failures: Average precision against distortion, one plot a direction.
        definitions: Every measure in words.
    """

    space: str
    k: int
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    told: tuple[str, ...]
    fragments: tuple[Pair, ...]
    edges: tuple[Pair, ...]
    quality: tuple[Plot, ...]
    quality_keys: tuple[tuple[str, str], ...]
    failures: tuple[Plot, ...]
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report.

    Attributes:
        title, summary: The data's name and what was asked of it.
        modalities: Name, kind, items, chosen items, classes, groups of each modality.
        notes: What the reader skipped, what could not be done.
        maps, class_keys, modality_keys, keys_left_out: The maps and their legend.
        rankers: Titles with the dashes of their curves, in the order of every list below.
        examples, main_ranker: Queries with their rankings, and the ranker they are chosen by.
        measures: Column headings of the evaluation table.
        directions: Evaluation, curves and classes by direction.
        distorted: What the shared space did; None where there is nothing to hold it against.
        definitions: Every measure and rule in words.
        provenance: What made this, name and value.
        command: Line that makes it again.
    """

    title: str
    summary: str
    modalities: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    maps: tuple[SpaceMap, ...]
    class_keys: tuple[Key, ...]
    modality_keys: tuple[Key, ...]
    keys_left_out: int
    rankers: tuple[tuple[str, str], ...]
    examples: tuple[Example, ...]
    main_ranker: str
    measures: tuple[str, ...]
    directions: tuple[Direction, ...]
    distorted: Distorted | None
    definitions: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    command: str
