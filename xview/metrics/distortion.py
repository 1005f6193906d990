"""The distortion of a space: what aligning modalities did to the neighbourhoods each had (paper 000).

A measured space, usually a shared one, is held against a reference, usually the single-modal space of the
same items; or the map of a space against that space. `FIGURES` defines what is told of every item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from xview.arrays import Bools, Doubles, Ints
from xview.data.protocol import Classes, Protocol
from xview.errors import SettingError
from xview.metrics import neighbourhoods
from xview.metrics.edges import FAR, Edges
from xview.metrics.failure import Failure
from xview.metrics.gap import Gap
from xview.metrics.hubness import Hubs
from xview.metrics.neighbourhoods import Neighbourhoods
from xview.metrics.result_files import read_result, write_result
from xview.metrics.tearing import Fragmentation
from xview.retrieval.field import SpaceChoice

FIGURES: Mapping[str, str] = {
    "trustworthiness": neighbourhoods.MEASURES["trustworthiness"],
    "continuity": neighbourhoods.MEASURES["continuity"],
    "rank error low": neighbourhoods.MEASURES["rank_error_low"],
    "rank error high": neighbourhoods.MEASURES["rank_error_high"],
    "overlap": neighbourhoods.MEASURES["overlap"],
    "distortion": "1 - overlap: share of the nearest k in the reference that are not so here.",
    "torn": f"Share of its mutual k nearest in the reference beyond {FAR} k here, seen from either end.",
    "bridged": f"Share of its mutual k nearest here beyond {FAR} k in the reference, seen from either end.",
    "cut off": "Share of its class that is in other pieces of the class's manifold here than the item is.",
    "cut off before": "Share of its class that is in other pieces of it in the reference than the item is.",
    "occurrence": "How often it is among the k nearest of the other items of its modality here.",
    "gap": "How far along the line between the modalities' means it lies, from their middle; unit vectors.",
}
"""Per-item figures of a `Comparison`, at its k; "here" is the measured space."""

WORST_LOW = frozenset({"trustworthiness", "continuity", "overlap"})
"""Figures of which the lowest are the worst; of all others the highest are."""

LOCAL = "distortion"
"""The figure held against average precision."""

NAME = "distortion"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistortionRequest:
    """What to measure.

    Attributes:
        space: The measured space A.
        against: Reference spaces B, each for the modalities it holds; empty: each modality's own single-modal
            space, as the rankers choose it.
        method: Where not empty, A's map by this method (`xview.spaces.projection.METHODS`) is measured
            against A itself.
        protocol: Whose items are measured: query and gallery items of both directions, by modality.
        spaces: What the ranker of the queries' average precision reads; its own spaces are the references
            where `against` is empty.
        ks: Neighbourhood sizes of the curves.
        k: Neighbours of graphs, edges, hubs and per-item figures, the item itself not counted.
        sample: Items measured one by one; None for all up to 20,000 and 5,000 of more.
    """

    space: str
    against: tuple[str, ...] = ()
    method: str = ""
    protocol: Protocol
    spaces: SpaceChoice
    ks: tuple[int, ...] = (5, 10, 20, 50)
    k: int = 10
    sample: int | None = None

    def sizes(self, n: int) -> list[int]:
        """`ks` and `k`, ascending, as n items allow: those of n/2 and more give way to the largest below.

        Raises:
            SettingError: One is below 1, or there are fewer than 3 items.
        """
        asked = {self.k, *self.ks}
        if min(asked) < 1:
            raise SettingError(f"a neighbourhood of {min(asked)} holds nobody; choose k from 1")
        if n < 3:
            raise SettingError(f"neighbourhoods need at least 3 items of a modality, there are {n}")
        return sorted({min(k, (n - 1) // 2) for k in asked})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read `to_json`'s mapping."""
        protocol = dict(values["protocol"])
        for part in ("query_classes", "gallery_classes"):
            protocol[part] = Classes(protocol[part])
        told = {**values, "protocol": Protocol(**protocol), "spaces": SpaceChoice(**values["spaces"])}
        return cls(**{**told, "against": tuple(told["against"]), "ks": tuple(told["ks"])})


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One modality's n items in the measured space, held against one reference.

    Attributes:
        modality: Whose items.
        reference, measured: Names of the spaces; a map is called "SPACE as METHOD".
        rows: (n,) int64 their rows in the collection, ascending.
        labels: (n,) int64 their classes, -1 for none.
        seen: (n,) bool where training might look; None without a split.
        k: Neighbours of the per-item figures, the fragments and the edges.
        neighbourhoods: Rank-based measures over several k; its `items` are positions in `rows`.
        figures: By name in `FIGURES`, (n,) float64 at k, NaN for an item without or not sampled.
        reference_fragments, measured_fragments: Classes in pieces, at k.
        reference_shares, measured_shares: (c, classes) float64 share of each class's largest piece at the
            neighbourhoods' c values of k; classes as in the fragments.
        torn, bridged: Neighbours the measured space tore apart, and strangers it made neighbours.
    """

    modality: str
    reference: str
    measured: str
    rows: Ints
    labels: Ints
    seen: Bools | None
    k: int
    neighbourhoods: Neighbourhoods
    figures: Mapping[str, Doubles]
    reference_fragments: Fragmentation
    measured_fragments: Fragmentation
    reference_shares: Doubles
    measured_shares: Doubles
    torn: Edges
    bridged: Edges

    def means(self) -> tuple[Mean, ...]:
        """Every figure's mean over all items, over the seen and the unseen where both are there, by class."""
        groups: list[tuple[str, int, Bools]] = [("all", -1, np.ones(len(self.rows), dtype=np.bool_))]
        if self.seen is not None and self.seen.any() and not self.seen.all():
            groups += [("unseen", -1, ~self.seen), ("seen", -1, self.seen)]
        groups += [("class", int(c), self.labels == c) for c in np.unique(self.labels[self.labels >= 0])]
        return tuple(
            Mean(
                modality=self.modality,
                group=group,
                label=label,
                items=int(inside.sum()),
                figures={name: _mean(values[inside]) for name, values in self.figures.items()},
            )
            for group, label, inside in groups
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Mean:
    """Means of every figure over a group of one modality's items.

    Attributes:
        modality: Whose.
        group: "all", "seen", "unseen" or "class".
        label: The class where the group is one, else -1.
        items: How many, measured or not.
        figures: By name; NaN where none of them has the figure.
    """

    modality: str
    group: str
    label: int
    items: int
    figures: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Distortion:
    """Everything measured for one request.

    Attributes:
        request: What was asked; `k` and `ks` may have been cut to the number of items, see a comparison's.
        classes: Names by label.
        comparisons: One for each modality of the measured space and reference of it, at least one.
        hubs: Within each modality in reference and measured space; across, from either modality into the
            other, where the measured space is shared.
        gap: Between the two modalities; None for one modality, or a map.
        failures: The two directions of the protocol; none for a map, or a space that cannot rank them.
        notes: What was sampled or approximated, in sentences.
    """

    request: DistortionRequest
    classes: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    hubs: tuple[Hubs, ...]
    gap: Gap | None
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]

    def means(self) -> tuple[Mean, ...]:
        """`Comparison.means` of all comparisons."""
        return tuple(mean for comparison in self.comparisons for mean in comparison.means())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON of the figures, without those of single items; NaN stays NaN."""
        return {
            "request": self.request.to_json(),
            "comparisons": [_comparison_json(c, self.classes) for c in self.comparisons],
            "hubs": [
                {"space": h.space, "asked": h.asked, "found": h.found, "k": h.k, "items": len(h.rows)}
                | {"skewness": h.skewness, "hubs": len(h.hubs), "held_by_hubs": h.held_by_hubs}
                | {"antihubs": h.antihubs, "hub_rows": h.rows[h.hubs].tolist()}
                for h in self.hubs
            ],
            "gap": None if self.gap is None else asdict(self.gap),
            "failures": [
                {"query": f.query, "gallery": f.gallery, "figure": f.figure} | asdict(f.correlation)
                for f in self.failures
            ],
            "notes": list(self.notes),
        }

    def write(self, folder: Path) -> None:
        """Leave `distortion.json` and `distortion.safetensors` in a folder; OSError where it cannot be."""
        write_result(self, folder, NAME)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what `write` left; DataError where it is missing or damaged."""
        return read_result(cls, folder, NAME)


def _comparison_json(found: Comparison, classes: tuple[str, ...]) -> dict[str, Any]:
    near = found.neighbourhoods
    return {
        "modality": found.modality,
        "reference": found.reference,
        "measured": found.measured,
        "items": near.n,
        "items_measured": len(near.items),
        "k": found.k,
        "ks": near.ks.tolist(),
        "quality": {name: near.mean(name).tolist() for name in neighbourhoods.MEASURES},
        "errors": {name: near.error(name).tolist() for name in neighbourhoods.MEASURES},
        "lcmc": near.lcmc.tolist(),
        "largest_piece": {
            "reference": found.reference_shares.mean(axis=1).tolist(),
            "measured": found.measured_shares.mean(axis=1).tolist(),
        },
        "fragments": [
            {"class": classes[before.label], "items": before.items}
            | {
                space: {
                    "largest": f.largest,
                    "pieces": f.pieces,
                    "components": f.components,
                    "alone": f.alone,
                }
                for space, f in (("reference", before), ("measured", here))
            }
            for before, here in zip(
                found.reference_fragments.classes, found.measured_fragments.classes, strict=True
            )
        ],
        "edges": {
            name: {"lost": e.total, "pairs": e.pairs, "share": e.share, "error": e.error, "chance": e.chance}
            for name, e in (("torn", found.torn), ("bridged", found.bridged))
        },
        "means": [
            {"group": m.group, "class": classes[m.label] if m.label >= 0 else None, "items": m.items}
            | {"figures": dict(m.figures)}
            for m in found.means()
        ],
    }


def _mean(values: Doubles) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else float("nan")
