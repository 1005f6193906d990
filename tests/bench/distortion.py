"""Does aligning modalities tear the manifolds of unseen classes, as paper 000 argues?

    python -m tests.bench.distortion emoji|digits [--splits 3] [--system NAME ...] [--runs FOLDER]
        [--pixels FOLDER]

holds the shared space of every system against the single-modal spaces of the same items and prints Markdown:
fragmentation, torn edges and neighbourhoods of unseen classes at k = 10; unseen beside seen classes; hubs and
gap; and whether a query's local distortion goes with its average precision. Systems and splits are those of
`tests.bench.systems`, and what its FOLDER holds is not trained again; the shipped spaces come first, on the
data's own split. The reference is each modality's features, which no training touched, and beside it ("own")
the single-modal space a system trained on the same seen classes, where it made one, as the paper did. Of
several shared spaces the first counts. `--pixels` names the folder of `tests.bench.paper000`: networks from
the pixels up. Two lines without any alignment stand beside them: features projected at random to few
dimensions, and single-modal networks from the pixels of two seeds. Figures are means over modalities and
pairs of them, then mean and standard deviation over the splits.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from tests.bench.distortion_tables import KS, Figures, Found, merged, page
from tests.bench.systems import config_of, trained
from xview.data.protocol import Classes, Protocol
from xview.data.records import draw_unseen
from xview.metrics.distortion import Comparison, Distortion, DistortionRequest
from xview.metrics.measure_distortion import measure
from xview.models.registry import SYSTEMS
from xview.retrieval.field import SpaceChoice
from xview.spaces.library import OpenData, open_data, single_modal, unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import read_spaces


def figures_of(found: Comparison) -> Figures:
    """What the tables tell of one modality."""
    before, here = found.reference_fragments, found.measured_fragments
    means = found.means()[0].figures
    told = {
        "torn": found.torn.share,
        "bridged": found.bridged.share,
        **{name: means[name] for name in ("trustworthiness", "continuity", "overlap")},
    }
    for name in ("largest", "pieces", "components", "alone"):
        told |= {f"{name} before": getattr(before, name), name: getattr(here, name)}
    pairs = list(zip(before.classes, here.classes, strict=True))
    told["classes torn"] = float(np.mean([b.largest < a.largest for a, b in pairs]))
    told["classes mended"] = float(np.mean([b.largest > a.largest for a, b in pairs]))
    told["case torn"] = float(here.largest < before.largest)
    for i, k in enumerate(found.neighbourhoods.ks):
        told[f"largest before {k}"] = float(found.reference_shares[i].mean())
        told[f"largest {k}"] = float(found.measured_shares[i].mean())
    return told


def of_parts(found: Comparison) -> Figures:
    """Seen and unseen classes in one graph of all items."""
    assert found.seen is not None
    means = {mean.group: mean.figures for mean in found.means()}
    told: Figures = {}
    for part, rows in (("seen", found.seen), ("unseen", ~found.seen)):
        classes = set(found.labels[rows].tolist())
        for name, pieces in ((" before", found.reference_fragments), ("", found.measured_fragments)):
            shares = [c.largest for c in pieces.classes if c.label in classes]
            told[f"largest {part}{name}"] = float(np.mean(shares))
        told |= {f"torn {part}": means[part]["torn"], f"overlap {part}": means[part]["overlap"]}
        told[f"tearing {part}"] = told[f"largest {part} before"] - told[f"largest {part}"]
    told["unseen more torn"] = float(told["tearing unseen"] > told["tearing seen"])
    return told


def of_pair(found: Distortion) -> Figures:
    """Hubs, gap and correlations."""
    assert found.gap is not None
    across = [hubs for hubs in found.hubs if hubs.asked != hubs.found]
    within = [hubs for hubs in found.hubs if hubs.asked == hubs.found]
    measured = [hubs.skewness for hubs in within if hubs.space == found.request.space]
    references = [hubs.skewness for hubs in within if hubs.space != found.request.space]
    told = {
        "skew": float(np.mean(measured)),
        "skew before": float(np.mean(references)),
        "skew across": float(np.mean([hubs.skewness for hubs in across])),
        "antihubs": float(np.mean([hubs.antihubs for hubs in across])),
        "gap": found.gap.distance,
        "separation": found.gap.separation,
    }
    told["mean rho"] = float(np.mean([f.correlation.rho for f in found.failures]))
    for f in found.failures:
        for name in ("rho", "low", "high", "within"):
            told[f"{name}: {f.query} → {f.gallery}"] = getattr(f.correlation, name)
    return told


def measured(data: OpenData, space: str, own: Mapping[str, str]) -> Figures:
    """Means over the pairs of a shared space's modalities, and over the modalities of each."""
    each = []
    for x, y in combinations([m for m in data.spaces[space].modalities if m in own], 2):
        choice = SpaceChoice(shared=space, own_query=own[x], own_gallery=own[y])
        for part in (Classes.UNSEEN, Classes.ALL):
            protocol = Protocol(query=x, gallery=y, query_classes=part, gallery_classes=part)
            found = measure(data, DistortionRequest(space=space, protocol=protocol, spaces=choice, ks=KS))
            if part is Classes.UNSEEN:
                each += [of_pair(found), *(figures_of(c) for c in found.comparisons)]
            else:
                each += [of_parts(c) for c in found.comparisons]
    return merged(each)


def references(
    spaces: Mapping[str, EmbeddingSpace], found: Mapping[str, EmbeddingSpace]
) -> Iterator[tuple[str, dict[str, str]]]:
    """What a run's shared space is held against: features, and the run's own single-modal spaces."""
    yield "features", {m: space.name for m, space in single_modal(spaces).items()}
    own = {space.modalities[0]: name for name, space in found.items() if not space.shared}
    if own:
        yield "own", own


def of_shipped(data: str, lines: Found) -> None:
    opened = open_data(data)
    for name, space in opened.spaces.items():
        if space.shared:
            system = space.made_by.get("system")
            own = {s.modalities[0]: n for n, s in opened.spaces.items() if n.startswith(f"{name} · ")}
            for reference, against in references(opened.spaces, {n: opened.spaces[n] for n in own.values()}):
                lines[f"shipped `{name}` ({system}) | {reference}"].append(measured(opened, name, against))


def of_systems(data: str, systems: Sequence[str], splits: int, runs: Path, lines: Found) -> None:
    own = open_data(data, trained=False).dataset
    for name in systems:
        system = SYSTEMS[name]
        modalities = tuple(own.collections)
        groups = list(combinations(modalities, 2)) if system.modalities[1] == 2 else [modalities]
        for seed in range(splits):
            unseen = draw_unseen(own.classes, len(unseen_classes(own)), seed)
            opened = open_data(data, unseen, trained=False)
            of_split: defaultdict[str, list[Figures]] = defaultdict(list)
            for parts in groups:
                folder = runs / data / name / f"{seed} {' '.join(parts)}"
                found = trained(config_of(system, data, unseen, seed, parts), opened.dataset, folder)
                features = {n: space for n, space in opened.spaces.items() if not space.shared}
                shared = next(n for n, space in found.items() if space.shared)
                together = OpenData(dataset=opened.dataset, spaces=features | found)
                for reference, against in references(features, found):
                    of_split[f"{system.title} | {reference}"].append(measured(together, shared, against))
            for line, figures in of_split.items():
                lines[line].append(merged(figures))
            print(f"{name}, split {seed}: done", file=sys.stderr, flush=True)


def of_pixels(folder: Path, lines: Found) -> None:
    """The networks of paper 000's tables; and what two single-modal ones differ in by their seeds alone."""
    opened = open_data("digits", trained=False)
    unseen = sorted(unseen_classes(opened.dataset))
    features = {n: space for n, space in opened.spaces.items() if not space.shared}
    runs = [read_spaces(run, opened.dataset, unseen) for run in sorted(folder.glob("seed-*"))]
    for number, found in enumerate(runs):
        other = runs[(number + 1) % len(runs)]
        shared = next(n for n, space in found.items() if space.shared)
        together = OpenData(dataset=opened.dataset, spaces=features | found | other)
        for reference, against in references(features, found):
            lines[f"Two-stream from pixels | {reference}"].append(measured(together, shared, against))
        own, theirs = (
            {space.modalities[0]: name for name, space in spaces.items() if not space.shared}
            for spaces in (found, other)
        )
        line = "single-modal from pixels | the same, another seed"
        lines[line].append(merged([*alone(together, own, theirs)]))
        print(f"run {number} of pixels: done", file=sys.stderr, flush=True)


def of_projections(data: str, splits: int, lines: Found) -> None:
    """What fewer dimensions do by themselves: features projected at random to as many as cca has."""
    whole = open_data(data, trained=False).dataset
    for seed in range(splits):
        unseen = draw_unseen(whole.classes, len(unseen_classes(whole)), seed)
        opened = open_data(data, unseen, trained=False)
        features = single_modal(opened.spaces)
        d = next(space.dimension for space in opened.spaces.values() if space.shared)
        rng = np.random.default_rng(seed)
        projected = {}
        for m, space in features.items():
            vectors = space.unit(m) @ rng.normal(size=(space.dimension, d)).astype(np.float32)
            projected[m] = EmbeddingSpace(name=f"{m} at random", parts={m: vectors})
        spaces = {space.name: space for space in (*features.values(), *projected.values())}
        together = OpenData(dataset=opened.dataset, spaces=spaces)
        own, theirs = ({m: space.name for m, space in of.items()} for of in (projected, features))
        lines[f"random projection to {d} | features"].append(merged([*alone(together, own, theirs)]))


def alone(data: OpenData, own: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Figures]:
    """A single-modal space of each modality against another: none was aligned with any."""
    for modality, name in own.items():
        choice = SpaceChoice(shared=name, own_query=theirs[modality], own_gallery=theirs[modality])
        for part, tell in ((Classes.UNSEEN, figures_of), (Classes.ALL, of_parts)):
            protocol = Protocol(query=modality, gallery=modality, query_classes=part, gallery_classes=part)
            told = measure(data, DistortionRequest(space=name, protocol=protocol, spaces=choice, ks=KS))
            yield tell(told.comparisons[0])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", choices=("emoji", "digits"))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--system", action="append", choices=list(SYSTEMS))
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--pixels", type=Path)
    args = parser.parse_args()
    runs = args.runs or Path(tempfile.mkdtemp(prefix="xview-distortion-"))
    print(
        "\n".join(
            page(measured_lines(args.data, args.system or list(SYSTEMS), args.splits, runs, args.pixels))
        )
    )


def measured_lines(data: str, systems: Sequence[str], splits: int, runs: Path, pixels: Path | None) -> Found:
    """Every line of the tables."""
    lines: Found = defaultdict(list)
    of_shipped(data, lines)
    if pixels and data == "digits":
        of_pixels(pixels, lines)
    of_projections(data, splits, lines)
    of_systems(data, systems, splits, runs, lines)
    return lines


if __name__ == "__main__":
    main()
