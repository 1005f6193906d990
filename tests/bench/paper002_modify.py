"""Table 4 of paper 002: TIRG and Relation, plain and in Joint, R@K of the targets of test pairs.

On `cci-full` systems learn from the pairs of all rounds but the last (1,110) and are judged on those of the
last (10,000); on `css` from and on 5,000 each, of other scenes with other combinations of shape and colour.
A target is sought among all pictures of the data but its source. Trained from scratch for a number of steps
(whole epochs, so a few more), without a validation share. All rows have the same settings and steps: chosen
by `--held`, never on test pairs. A seed decides weights and batches.

Beside them stands what needs no training: the source's own neighbours by pixels, words unread.

Run: python -m tests.bench.paper002_modify cci-full|css --seeds 3 [--steps 800] [--held] [--out FILE.md]
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from xview.arrays import AnyArray
from xview.data.open import open_dataset
from xview.data.records import Dataset
from xview.jobs.learning import compose_all, embedded, pictures_of
from xview.jobs.reporter import Reporter
from xview.metrics.composition import ranks, recall
from xview.models.composer import Composer
from xview.models.configs.composer import ComposerConfig
from xview.models.registry import find
from xview.models.trainable import OWN
from xview.spaces.space import unit_rows
from xview.spaces.trained import embed_all
from xview.training.data import Batches
from xview.training.fit import choose_device, seed_all
from xview.training.pairs import PairData, pair_data
from xview.training.settings import Device, TrainSettings

ROWS = [(name, joint) for name in ("tirg", "relation") for joint in (False, True)]
PAPER = {
    "cci-full": {
        ("tirg", False): 0.4123,
        ("tirg", True): 0.7802,
        ("relation", False): 0.2121,
        ("relation", True): 0.6125,
    },
    "css": {
        ("tirg", False): 0.7525,
        ("tirg", True): 0.7995,
        ("relation", False): 0.5301,
        ("relation", True): 0.5531,
    },
}
SHOWN = ("R@1", "R@5", "R@10", "R@50", "mAP")


def held_out(dataset: Dataset) -> Dataset:
    """The data with its training pairs alone, those of a quarter of their sources for testing."""
    pairs = dataset.modifications
    assert pairs is not None
    sources = np.unique(pairs.sources[pairs.seen])
    held = np.random.default_rng(1).permutation(sources)[: len(sources) // 4]
    kept = replace(
        pairs,
        sources=pairs.sources[pairs.seen],
        targets=pairs.targets[pairs.seen],
        instructions=pairs.instructions[pairs.seen],
        seen=~np.isin(pairs.sources[pairs.seen], held),
    )
    return replace(dataset, modifications=kept)


def learn(pairs: PairData, name: str, joint: bool, seed: int, steps: int, device: torch.device) -> Composer:
    """A system after its last epoch, in evaluation mode."""
    row = find(name)
    seed_all(seed)
    settings = row.config().from_mapping({"in_joint": joint})
    facts = replace(pairs.data.facts(), vocabulary=pairs.vocabulary)
    system: Composer = row.load().build(settings, facts).to(device)
    batches = Batches(pairs.data, system.batching, seed)
    epochs = math.ceil(steps / len(batches))
    system.train()
    for epoch in range(epochs):
        system.begin_epoch(epoch, epochs)
        for rows in batches.epoch(epoch):
            system.step(batches.data.batch(rows, device))
    return system.eval()


def measured(system: Composer, pairs: PairData, pictures: AnyArray, device: torch.device) -> dict[str, float]:
    """R@K and mAP over all test pairs, among all pictures."""
    inputs = {pairs.pairs.modality: pictures}
    found = embed_all(lambda m, x: embedded(system, m, x, device), inputs)[OWN][pairs.pairs.modality]
    test = pairs.test
    composed = compose_all(system, pictures[pairs.pairs.sources[test]], pairs.instructions[test], device)
    return recall(ranks(composed, found, pairs.pairs.sources[test], pairs.pairs.targets[test]))


def by_pixels(pairs: PairData, pictures: AnyArray) -> dict[str, float]:
    """The source's nearest pictures by correlation of pixels: what ignoring the words gives."""
    flat = pictures.reshape(len(pictures), -1).astype(np.float32)
    unit = unit_rows(flat - flat.mean(axis=0), "pixels")
    sources, targets = pairs.pairs.sources[pairs.test], pairs.pairs.targets[pairs.test]
    return recall(ranks(unit[sources], unit, sources, targets))


def line(title: str, figures: list[dict[str, float]], paper: str, seconds: float) -> str:
    """A row of the table: mean ± standard deviation over seeds."""
    cells = []
    for key in SHOWN:
        values = np.array([found[key] for found in figures])
        spread = f" ± {values.std(ddof=1):.4f}" if len(values) > 1 else ""
        cells.append(f"{values.mean():.4f}{spread}")
    return f"| {title} | {' | '.join(cells)} | {paper} | {seconds:.0f} |"


def main() -> None:
    """Write the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", choices=tuple(PAPER))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--held", action="store_true", help="judge on held-out training pairs")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    dataset, device = open_dataset(args.data), choose_device(Device.AUTO)
    side = ComposerConfig().side
    pictures = pictures_of(dataset.collection("images"), (3, side, side), Reporter(lambda _told: None))
    pairs = pair_data(held_out(dataset) if args.held else dataset, pictures, TrainSettings(validation=0))
    command = " ".join(["python -m tests.bench.paper002_modify", *sys.argv[1:]])
    lines = [
        f"`{command}`: {len(pairs.data.train['source']):,} pairs to learn from, {len(pairs.test):,} to test, "
        f"among {len(pictures):,} pictures of {side} pixels; {args.steps:,} steps, "
        f"{args.seeds} seeds, on {device}",
        "",
        f"| system | {' | '.join(SHOWN)} | R@1 in the paper | processor s a seed |",
        "|---|" + "---:|" * (len(SHOWN) + 2),
        line("source's neighbours by pixels", [by_pixels(pairs, pictures)], "", 0),
    ]
    print("\n".join(lines), flush=True)
    for name, joint in ROWS:
        began, figures = time.process_time(), []
        for seed in range(args.seeds):
            system = learn(pairs, name, joint, seed, args.steps, device)
            figures.append(measured(system, pairs, pictures, device))
            print(f"  {name} joint={joint} seed {seed}: {figures[-1]}", file=sys.stderr, flush=True)
        seconds = (time.process_time() - began) / args.seeds
        title = f"{find(name).title}{' in Joint' if joint else ''}"
        lines.append(line(title, figures, f"{PAPER[args.data][name, joint]:.4f}", seconds))
        print(lines[-1], flush=True)
        if args.out is not None:
            args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
