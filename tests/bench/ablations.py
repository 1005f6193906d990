"""What each part of a system is worth: `python -m tests.bench.ablations lcale emoji --splits 3 [--out RUNS]`.

Every variant is trained on every class split (`draw_unseen` from seeds 0, 1 ..., as many classes held out as
the data's own split has), with the system's xview2026 recipe for the data where there is one. Printed is mAP
of nearest neighbours among unseen classes, mean and standard deviation over the splits, with `cca` to hold it
against. With --out runs are kept: what stands there is not trained again, and a run cut short goes on.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xview.data.protocol import Protocol, select
from xview.data.records import Dataset, draw_unseen
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.metrics.retrieval import evaluate
from xview.models.registry import find
from xview.spaces.library import BASELINE, open_data, unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import read_spaces
from xview.training.recipes import recipes

VARIANTS: dict[str, dict[str, dict[str, Any]]] = {
    "lcale": {  # Table 4, and the one loss it leaves in
        "full": {},
        "without VAE": {"with_vae": False},
        "without CR": {"with_cross": False},
        "without CA1": {"with_wasserstein": False},
        "without CA2": {"with_mmd": False},
        "without CYC": {"with_cycle": False},
    },
    "jfse": {  # Tables 2 and 3, and section 3.4
        "full (CMPM)": {},
        "CMMD": {"alignment": "cmmd"},
        "CMCA": {"alignment": "cmca"},
        "without cWGAN": {"with_synthesis": False},
        "without CYC": {"with_cycle": False},
        "without DA": {"with_alignment": False},
        "without ADV": {"with_adversary": False},
        "without unseen classes": {"synthetic_unseen": False},
    },
    "cycle_match": {  # Table 6.1
        "full": {},
        "without latent": {"variant": "without-latent"},
        "I2T2I": {"variant": "i2t2i"},
        "T2I2T": {"variant": "t2i2t"},
        "DualMatch": {"variant": "dual-match"},
        "LatentMatch": {"variant": "latent-match"},
    },
}
"""By system: label of a variant, and the settings that differ from the recipe's."""
AVERAGED = {"cycle_match": ("visual", "textual")}
"""By system: outputs whose cosines are averaged, where a variant has them (Table 6.2); else the first."""


def by_direction(dataset: Dataset, space: EmbeddingSpace, modalities: tuple[str, ...]) -> dict[str, float]:
    """mAP of nearest neighbours among unseen classes, by direction and as their mean."""
    found = {}
    for query, gallery in permutations(modalities, 2):
        task = select(dataset, Protocol(query=query, gallery=gallery))
        scores = space.unit(query)[task.query_rows] @ space.unit(gallery)[task.gallery_rows].T
        measured = evaluate([(slice(0, len(scores)), scores.astype(np.float64))], task)
        found[f"{query} → {gallery}"] = measured.measures["mAP"]
    return found | {"mean": float(np.mean(list(found.values())))}


def trained(
    system: str,
    data: str,
    unseen: tuple[str, ...],
    modalities: tuple[str, ...],
    given: dict[str, Any],
    epochs: int | None,
    run: Path,
) -> EmbeddingSpace:
    """The shared space of a variant; training goes on where the folder's checkpoint stands."""
    recipe = next((r for r in recipes(system) if r.name == f"xview2026_{data}"), None)
    config = {
        "data": data,
        "unseen": unseen,
        "system": system,
        "modalities": modalities,
        "settings": {**(recipe.settings if recipe else {}), **given},
        "training": {
            **(recipe.training if recipe else {}),
            **({"epochs": epochs} if epochs is not None else {}),
        },
        "name": "trained",
    }
    run.mkdir(parents=True, exist_ok=True)
    train(config, run, Reporter(lambda _progress: None))
    spaces = read_spaces(run, open_data(data, trained=False).dataset, unseen)
    averaged = [s for s in spaces.values() if s.made_by["output"] in AVERAGED.get(system, ())]
    return _side_by_side(averaged) if averaged else spaces["trained"]


def _side_by_side(spaces: list[EmbeddingSpace]) -> EmbeddingSpace:
    """The space whose cosines are the means of the cosines in `spaces`."""
    parts = {m: np.hstack([space.unit(m) for space in spaces]) for m in spaces[0].modalities}
    return EmbeddingSpace(name="averaged", parts=parts, made_by={})


def table(
    system: str, data: str, splits: int, modalities: tuple[str, ...], epochs: int | None, runs: Path
) -> str:
    """The markdown table."""
    dataset = open_data(data, trained=False).dataset
    most = find(system).modalities[1] or None
    modalities = modalities or tuple(dataset.collections)[:most]
    count = len(unseen_classes(dataset))
    found: dict[str, list[dict[str, float]]] = {}
    for seed in range(splits):
        unseen = draw_unseen(dataset.classes, count, seed)
        opened = open_data(data, unseen, trained=False)
        baseline = next(s for s in opened.spaces.values() if s.made_by.get("system") == BASELINE)
        found.setdefault(BASELINE, []).append(by_direction(opened.dataset, baseline, modalities))
        for label, given in VARIANTS[system].items():
            begun = time.perf_counter()
            run = runs / f"{system}-{data}-{seed}-{label.replace(' ', '-')}"
            space = trained(system, data, unseen, modalities, given, epochs, run)
            found.setdefault(label, []).append(by_direction(opened.dataset, space, modalities))
            spent = time.perf_counter() - begun
            print(f"split {seed}, {label}: {found[label][-1]['mean']:.3f}, {spent:.0f} s", file=sys.stderr)
    columns = list(found[BASELINE][0])
    lines = [f"| {system}, {data} | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for label, each in found.items():
        values = [[one[column] for one in each] for column in columns]
        cells = [f"{np.mean(v):.3f} ± {np.std(v, ddof=1) if len(v) > 1 else 0:.3f}" for v in values]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("system", choices=VARIANTS)
    parser.add_argument("data")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--modalities", nargs="+", default=[])
    parser.add_argument("--epochs", type=int, help="instead of the recipe's, where time is short")
    parser.add_argument("--out", type=Path, help="folder of runs to keep and to go on from")
    args = parser.parse_args()
    if threads := os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(threads))
    with tempfile.TemporaryDirectory() as scratch:
        runs = args.out or Path(scratch)
        os.environ["XVIEW_RUNS"] = str(runs)
        print(table(args.system, args.data, args.splits, tuple(args.modalities), args.epochs, runs))


if __name__ == "__main__":
    main()
