"""One, two or three scores of CycleMatch on unseen classes, Table 6.3 of Liu 2018 on bundled data.

`python -m tests.bench.fusion_scores emoji --splits 3 [--out FOLDER]` draws class splits, trains CycleMatch on
the seen classes of each by its bundled recipe, and prints a table in Markdown, mean and standard deviation
over splits. With a folder, trained runs are kept, and one that was stopped goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xview.data.protocol import Protocol, select
from xview.data.records import Dataset, draw_unseen
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.metrics.repeats import mean_of, spread_of
from xview.metrics.retrieval import evaluate
from xview.models.systems.cycle_match import LATENT, TEXTUAL, VISUAL
from xview.retrieval.field import SpaceChoice, build_field
from xview.retrieval.fusion import FusionRanker, FusionSettings, Mixing, Scale
from xview.retrieval.knn import KnnRanker
from xview.spaces.library import open_data, unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import read_spaces
from xview.training.recipes import recipe

MODALITIES = {"emoji": ("sketches", "images"), "digits": ("handwriting", "rendered")}
STRATEGIES = {
    "one score": (Mixing.AVERAGE, (VISUAL,)),
    "two scores, average": (Mixing.AVERAGE, (VISUAL, TEXTUAL)),
    "two scores, adaptive": (Mixing.ADAPTIVE, (VISUAL, TEXTUAL)),
    "three scores, average": (Mixing.AVERAGE, (VISUAL, TEXTUAL, LATENT)),
    "three scores, adaptive": (Mixing.ADAPTIVE, (VISUAL, TEXTUAL, LATENT)),
}
SHOWN = {"mAP": "mAP", "rank1": "R@1"}


def trained_scores(name: str, unseen: tuple[str, ...], seed: int, folder: Path) -> dict[str, EmbeddingSpace]:
    """CycleMatch's spaces by score, trained without the `unseen` classes; from `folder` where it has them."""
    dataset = open_data(name, unseen, trained=False).dataset
    if not (found := read_spaces(folder, dataset, unseen)):
        folder.mkdir(parents=True, exist_ok=True)
        chosen = recipe("cycle_match", f"xview2026_{name}")
        config = {
            "data": name,
            "unseen": list(unseen),
            "system": "cycle_match",
            "modalities": list(MODALITIES[name]),
            "settings": chosen.settings,
            "training": {**chosen.training, "seed": seed},
        }
        train(config, folder, Reporter(lambda _progress: None))
        found = read_spaces(folder, dataset, unseen)
    return {str(space.made_by["output"]): space for space in found.values()}


def measured(
    dataset: Dataset, spaces: Mapping[str, EmbeddingSpace], strategy: str, protocol: Protocol
) -> dict[str, float]:
    """What a strategy measures in one direction; cosines are fused as they are (Eq. 6.8-6.11)."""
    mode, scores = STRATEGIES[strategy]
    task = select(dataset, protocol)
    sources = {s: KnnRanker(build_field(task, spaces, SpaceChoice(shared=s))) for s in scores}
    ranker = FusionRanker(FusionSettings(mode=mode, scale=Scale.NONE), sources)
    found = evaluate(ranker.score_blocks(np.arange(len(task.query_rows))), task).measures
    return {name: found[name] for name in SHOWN}


def table(name: str, splits: int, out: Path) -> str:
    """Markdown: a row a strategy, a column a direction and measure."""
    dataset = open_data(name, trained=False).dataset
    first = Protocol(query=MODALITIES[name][0], gallery=MODALITIES[name][1])
    protocols = first, first.swapped()
    figures: dict[tuple[str, Protocol], list[dict[str, float]]] = {}
    for seed in range(splits):
        unseen = draw_unseen(dataset.classes, len(unseen_classes(dataset)), seed)
        spaces = trained_scores(name, unseen, seed, out / f"{name}-split{seed}")
        for strategy in STRATEGIES:
            for protocol in protocols:
                found = measured(dataset.with_unseen(unseen), spaces, strategy, protocol)
                figures.setdefault((strategy, protocol), []).append(found)
    heads = [f"{p.query} → {p.gallery} {shown}" for p in protocols for shown in SHOWN.values()]
    lines = ["| scores | " + " | ".join(heads) + " |", "|---" * (1 + len(heads)) + "|"]
    for strategy in STRATEGIES:
        cells = [_cell(figures[strategy, p], measure) for p in protocols for measure in SHOWN]
        lines.append(f"| {strategy} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(runs: list[dict[str, float]], measure: str) -> str:
    spread = spread_of(runs)
    return f"{mean_of(runs)[measure]:.3f}" + (f" ± {spread[measure]:.3f}" if spread else "")


def main() -> None:
    """Print the table, and the time it took."""
    parser = argparse.ArgumentParser(description="Table 6.3 of Liu 2018 on bundled data")
    parser.add_argument("data", choices=MODALITIES, nargs="?", default="emoji")
    parser.add_argument("--splits", type=int, default=3, help="class splits, drawn with seeds 0, 1 ...")
    parser.add_argument("--out", type=Path, help="folder that keeps the runs; a temporary one otherwise")
    asked = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        print(table(asked.data, asked.splits, asked.out or Path(temporary)))
    print(f"\n{asked.splits} splits in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
