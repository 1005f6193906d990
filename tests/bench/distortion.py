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
the pixels up. Figures are means over modalities and pairs, then mean and standard deviation over the splits.
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

from tests.bench.systems import config_of, told, trained
from xview.data.protocol import Classes, Protocol
from xview.data.records import draw_unseen
from xview.metrics.distortion import Comparison, Distortion, DistortionRequest
from xview.metrics.measure_distortion import measure
from xview.models.registry import SYSTEMS
from xview.retrieval.field import SpaceChoice
from xview.spaces.library import OpenData, open_data, single_modal, unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import read_spaces

KS = (5, 10, 20, 50)

Figures = dict[str, float]
Found = dict[str, list[Figures]]
"""By line of the tables, the figures of each split."""


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
    for f in found.failures:
        for name in ("rho", "low", "high", "within"):
            told[f"{name}: {f.query} → {f.gallery}"] = getattr(f.correlation, name)
    return told


def measured(data: OpenData, space: str, own: Mapping[str, str]) -> Figures:
    """Means over the pairs of a shared space's modalities, and over the modalities of each."""
    each: defaultdict[str, list[float]] = defaultdict(list)
    for x, y in combinations([m for m in data.spaces[space].modalities if m in own], 2):
        choice = SpaceChoice(shared=space, own_query=own[x], own_gallery=own[y])
        for part in (Classes.UNSEEN, Classes.ALL):
            protocol = Protocol(query=x, gallery=y, query_classes=part, gallery_classes=part)
            found = measure(data, DistortionRequest(space=space, protocol=protocol, spaces=choice, ks=KS))
            figures = [figures_of(c) if part is Classes.UNSEEN else of_parts(c) for c in found.comparisons]
            if part is Classes.UNSEEN:
                figures.append(of_pair(found))
            for one in figures:
                for name, value in one.items():
                    each[name].append(value)
    return {name: float(np.mean(values)) for name, values in each.items()}


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
    opened = open_data("digits", trained=False)
    unseen = sorted(unseen_classes(opened.dataset))
    for run in sorted(folder.glob("seed-*")):
        found = read_spaces(run, opened.dataset, unseen)
        features = {n: space for n, space in opened.spaces.items() if not space.shared}
        shared = next(n for n, space in found.items() if space.shared)
        together = OpenData(dataset=opened.dataset, spaces=features | found)
        for reference, against in references(features, found):
            lines[f"Two-stream from pixels | {reference}"].append(measured(together, shared, against))
        print(f"{run.name}: done", file=sys.stderr, flush=True)


def merged(figures: Sequence[Figures]) -> Figures:
    """Means of every figure over the pairs that have it."""
    names = dict.fromkeys(name for each in figures for name in each)
    return {name: float(np.mean([each[name] for each in figures if name in each])) for name in names}


def table(lines: Found, columns: Mapping[str, str]) -> Iterator[str]:
    """A line of Markdown for each space and reference; two figures where a column names two."""
    yield f"| space | against | {' | '.join(columns)} |"
    yield "|---|---" + "|---:" * len(columns) + "|"
    for line, splits in lines.items():
        cells = [
            " → ".join(told(np.array([split[name] for split in splits])) for name in names.split(" → "))
            for names in columns.values()
        ]
        yield f"| {line} | {' | '.join(cells)} |"


def correlations(lines: Found) -> Iterator[str]:
    """A line for each direction: rho, its interval and rho within classes, means over the splits."""
    yield "| space | against | direction | rho | 95 % | within classes |"
    yield "|---|---|---|---:|---:|---:|"
    for line, splits in lines.items():
        for name in [name for name in splits[0] if name.startswith("rho: ")]:
            direction = name.removeprefix("rho: ")
            low, high = (
                np.mean([split[f"{end}: {direction}"] for split in splits]) for end in ("low", "high")
            )
            rho, within = (
                told(np.array([s[f"{n}: {direction}"] for s in splits])) for n in ("rho", "within")
            )
            yield f"| {line} | {direction} | {rho} | {low:+.3f} to {high:+.3f} | {within} |"


def summary(lines: Found) -> Iterator[str]:
    """A line for each space: mean rho over directions; of directions and splits, how many are clear."""
    yield "| space | against | mean rho | mean within classes | interval below 0 | above 0 |"
    yield "|---|---|---:|---:|---:|---:|"
    for line, splits in lines.items():
        each = {
            n: np.array([[v for k, v in s.items() if k.startswith(f"{n}: ")] for s in splits])
            for n in ("rho", "within", "low", "high")
        }
        below, above = int((each["high"] < 0).sum()), int((each["low"] > 0).sum())
        size = each["rho"].size
        means = " | ".join(told(each[n].mean(axis=1)) for n in ("rho", "within"))
        yield f"| {line} | {means} | {below} of {size} | {above} of {size} |"


TABLES = {
    "Fragmentation of unseen classes by themselves, single-modal → shared, k = 10": {
        "largest piece": "largest before → largest",
        "pieces of two or more": "pieces before → pieces",
        "components": "components before → components",
        "alone": "alone before → alone",
        "modalities torn": "case torn",
        "classes torn": "classes torn",
        "classes mended": "classes mended",
    },
    "The largest piece at other k": {f"k = {k}": f"largest before {k} → largest {k}" for k in KS},
    "Unseen beside seen classes, one graph of all items, k = 10": {
        "largest piece, unseen": "largest unseen before → largest unseen",
        "largest piece, seen": "largest seen before → largest seen",
        "loss, unseen": "tearing unseen",
        "loss, seen": "tearing seen",
        "unseen lose more": "unseen more torn",
        "torn edges, unseen": "torn unseen",
        "torn edges, seen": "torn seen",
        "overlap, unseen": "overlap unseen",
        "overlap, seen": "overlap seen",
    },
    "Neighbourhoods of unseen classes, k = 10": {
        "torn edges": "torn",
        "false bridges": "bridged",
        "trustworthiness": "trustworthiness",
        "continuity": "continuity",
        "overlap": "overlap",
    },
    "Hubs and gap, unseen classes, k = 10": {
        "skewness within": "skew before → skew",
        "skewness across": "skew across",
        "never found across": "antihubs",
        "gap": "gap",
        "separation": "separation",
    },
}


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
    lines: Found = defaultdict(list)
    of_shipped(args.data, lines)
    if args.pixels and args.data == "digits":
        of_pixels(args.pixels, lines)
    of_systems(args.data, args.system or list(SYSTEMS), args.splits, runs, lines)
    for title, columns in TABLES.items():
        print(f"\n**{title}**\n", *table(lines, columns), sep="\n")
    print(
        "\n**Average precision against local distortion, unseen classes, Spearman**\n",
        *summary(lines),
        sep="\n",
    )
    print("\n<details><summary>All directions</summary>\n", *correlations(lines), "\n</details>", sep="\n")


if __name__ == "__main__":
    main()
