"""Every system on unseen classes, system x direction x ranker: `python -m tests.bench.systems emoji`.

    python -m tests.bench.systems emoji --splits 3 [--system NAME ...] [--out FOLDER]

draws class splits by seeds 0, 1 ..., trains every system on the seen classes of each, by its recipe tuned for
the data where there is one (`resources/recipes/SYSTEM/xview2026_DATA.toml`) and its defaults else, and prints
mAP on the unseen classes in Markdown: mean and standard deviation over the splits. A system of two modalities
is trained for each pair. Rankers have the window's default settings; the walks read the own spaces of the
same training where it made any, the data's features else. What FOLDER holds of the same settings is not
trained, or judged, again, and a run that was stopped goes on from its checkpoint.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xview.arrays import Doubles
from xview.data.protocol import Protocol, Task, select
from xview.data.records import Dataset, draw_unseen
from xview.jobs.folder import prepare, read_spec, write_text
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.metrics.retrieval import evaluate
from xview.models.registry import EMBEDDERS, System
from xview.retrieval.field import build_field, choose_spaces
from xview.retrieval.fusion import FusionRanker, FusionSettings, Mixing
from xview.retrieval.graphs import FieldGraphs
from xview.retrieval.registry import RANKERS, build
from xview.spaces.library import OpenData, open_data, unseen_classes
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import read_spaces
from xview.training.recipes import recipes

FUSION = "late fusion"
COLUMNS = ("knn", "homogeneous", "heterogeneous", FUSION)
FIGURES = "figures.json"

Figures = dict[str, dict[str, float]]
"""mAP by direction and ranker."""


def config_of(
    system: System, data: str, unseen: Sequence[str], seed: int, parts: Sequence[str]
) -> dict[str, Any]:
    """What `xview.jobs.train` is asked for."""
    tuned = next((r for r in recipes(system.name) if r.name == f"xview2026_{data}"), None)
    return {
        "data": data,
        "unseen": list(unseen),
        "system": system.name,
        "modalities": list(parts),
        "name": system.name,
        "settings": tuned.settings if tuned else {},
        "training": {**(tuned.training if tuned else {}), "seed": seed},
    }


def trained(config: dict[str, Any], dataset: Dataset, folder: Path) -> dict[str, EmbeddingSpace]:
    """The spaces of a run, trained where `folder` does not hold them."""
    if (folder / "spec.json").exists() and read_spec(folder)[1] != config:
        shutil.rmtree(folder)
    found = read_spaces(folder, dataset, config["unseen"])
    if not found:
        prepare(folder, "xview.jobs.train:train", config)
        torch.set_num_threads(1)  # faiss, asked in between, has set more: on a busy machine those only spin
        started = time.perf_counter()
        train(config, folder, Reporter(lambda _progress: None))
        write_text(folder / "seconds.json", json.dumps(time.perf_counter() - started))
        found = read_spaces(folder, dataset, config["unseen"])
    return found


def scores(name: str, task: Task, spaces: dict[str, EmbeddingSpace], shared: Sequence[str]) -> Doubles:
    """(m, n) of a ranker, or of late fusion: the average over several shared spaces, or else over rankers."""
    rows = np.arange(len(task.query_rows))
    fields = [build_field(task, spaces, choose_spaces(spaces, task.protocol, shared=s)) for s in shared]
    if name != FUSION:
        return build(name, fields[0], RANKERS[name].settings(), FieldGraphs(fields[0])).score_matrix(rows)
    if len(fields) > 1:
        sources = {s: build("knn", field) for s, field in zip(shared, fields, strict=True)}
    else:
        graphs = FieldGraphs(fields[0])
        sources = {r: build(r, fields[0], RANKERS[r].settings(), graphs) for r in ("knn", "heterogeneous")}
    return FusionRanker(FusionSettings(mode=Mixing.AVERAGE), sources).score_matrix(rows)


def judged(opened: OpenData, found: dict[str, EmbeddingSpace], folder: Path) -> Figures:
    """mAP on unseen classes in all directions of a run's shared spaces; kept in `folder`."""
    path = folder / FIGURES
    if path.exists():
        kept: Figures = json.loads(path.read_text())
        return kept
    features = {name: space for name, space in opened.spaces.items() if not space.shared}
    shared = [name for name, space in found.items() if space.shared]
    figures: Figures = {}
    for query, gallery in permutations(found[shared[0]].modalities, 2):
        task = select(opened.dataset, Protocol(query=query, gallery=gallery))
        figures[f"{query} → {gallery}"] = {
            name: evaluate([(slice(0, len(task.query_rows)), matrix)], task).measures["mAP"]
            for name in COLUMNS
            for matrix in (scores(name, task, features | found, shared),)
        }
    write_text(path, json.dumps(figures, indent=1))
    return figures


def measured(system: System, data: str, splits: int, out: Path) -> Iterator[tuple[Figures, float, str]]:
    """For every split: mAP by direction and ranker, seconds of training, and what late fusion averages."""
    own = open_data(data, trained=False).dataset
    for seed in range(splits):
        unseen = draw_unseen(own.classes, len(unseen_classes(own)), seed)
        opened = open_data(data, unseen, trained=False)
        modalities = tuple(own.collections)
        groups = list(combinations(modalities, 2)) if system.modalities[1] == 2 else [modalities]
        figures: Figures = {}
        seconds, fused = 0.0, ""
        for parts in groups:
            folder = out / data / system.name / f"{seed} {' '.join(parts)}"
            found = trained(config_of(system, data, unseen, seed, parts), opened.dataset, folder)
            figures |= judged(opened, found, folder)
            seconds += float(json.loads((folder / "seconds.json").read_text()))
            several = sum(space.shared for space in found.values())
            fused = f"k-NN in {several} shared spaces" if several > 1 else "k-NN and heterogeneous"
            print(f"{system.name}, split {seed}, {', '.join(parts)}: done", file=sys.stderr, flush=True)
        yield figures, seconds, fused


def rows(system: System, found: Sequence[tuple[Figures, float, str]]) -> Iterator[list[str]]:
    """Lines of the table: a direction each, then their mean."""
    for direction in found[0][0]:
        each = [[figures[direction][name] for name in COLUMNS] for figures, _, _ in found]
        yield [system.title, direction, *map(told, np.transpose(each))]
    means = [np.mean([[f[d][name] for name in COLUMNS] for d in f], axis=0) for f, _, _ in found]
    yield [f"**{system.title}**", "**mean**", *(f"**{told(values)}**" for values in np.transpose(means))]


def told(values: Doubles) -> str:
    """Mean and sample standard deviation."""
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", choices=("emoji", "digits"))
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--system", action="append", choices=list(EMBEDDERS))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    out = args.out or Path(tempfile.mkdtemp(prefix="xview-systems-"))
    titles = {name: RANKERS[name].title if name in RANKERS else name for name in COLUMNS}
    lines: list[list[str]] = []
    notes: list[str] = []
    for name in args.system or EMBEDDERS:
        found = list(measured(EMBEDDERS[name], args.data, args.splits, out))
        lines += rows(EMBEDDERS[name], found)
        notes.append(
            f"{EMBEDDERS[name].title}: trained in {np.mean([s for _, s, _ in found]):.0f} s a split; "
            f"late fusion averages {found[0][2]}."
        )
    print(f"| system | direction | {' | '.join(titles.values())} |")
    print("|---|---" + "|---:" * len(COLUMNS) + "|")
    print("\n".join(f"| {' | '.join(line)} |" for line in lines), end="\n\n")
    print("\n".join(notes))


if __name__ == "__main__":
    main()
