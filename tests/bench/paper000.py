"""Tables 1 and 2 of paper 000 on the bundled digits: three spaces learnt from pixels, ranked in three ways.

    python -m tests.bench.paper000 [--seeds 5] [--out FOLDER]

Every seed trains as the window would, in a process and a folder of its own, by the recipe
resources/recipes/two_stream/xview2026_digits.toml, on digits 0 to 6; then digits 7 to 9 of one modality ask
those of the other, and their own. Rankers have their default settings, lambda .5. Figures are percentages,
mean and sample standard deviation over the seeds, as Markdown. What a folder holds already is not done again:
a seed interrupted goes on from its last epoch.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from xview.data.protocol import Protocol
from xview.jobs.detached import peak_memory
from xview.jobs.events import Progress
from xview.jobs.reporter import Reporter
from xview.metrics.repeats import mean_of, spread_of
from xview.metrics.table import Request, fill
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.spaces.library import OpenData, open_data, unseen_classes
from xview.spaces.trained import read_spaces
from xview.training.names import UNSEEN
from xview.training.recipes import recipe

MODALITIES = ("handwriting", "rendered")
TITLES = {"knn": "k-NN", "homogeneous": "homogeneous", "heterogeneous": "heterogeneous"}
SHOWN = {"rank1": "Rank-1", "rank5": "Rank-5", "rank10": "Rank-10", "mAP": "mAP"}
TIME, MEMORY = "s/epoch", "peak MB"


def train(seed: int, folder: Path) -> None:
    """Train in this process; leaves time per epoch and peak memory in `cost.json`."""
    from xview.jobs.train import train as run

    told = recipe("two_stream", "xview2026_digits")
    config = {
        "data": "digits",
        "system": told.system,
        "settings": told.settings,
        "training": told.training | {"seed": seed},
    }
    marks: list[float] = []

    def watch(step: Progress) -> None:
        if not marks and "loss" in step.metrics:
            marks.append(time.perf_counter())
        elif UNSEEN in step.metrics:
            marks.append(time.perf_counter())
            print(
                f"seed {seed}, {step.message}: loss {step.metrics['loss']:.3f}", file=sys.stderr, flush=True
            )

    folder.mkdir(parents=True, exist_ok=True)
    run(config, folder, Reporter(watch))
    epochs = max(1, len(marks) - 1)
    cost = {TIME: (marks[-1] - marks[0]) / epochs if marks else float("nan"), MEMORY: peak_memory() / 2**20}
    write(folder / "cost.json", cost)


def requests(run: str) -> Iterator[tuple[str, Request]]:
    """What the tables need, each with its line's first columns."""
    own = {m: f"{run} · {m}" for m in MODALITIES}
    knn = RANKERS["knn"].settings()
    for m in MODALITIES:
        for title, space in (("its own", own[m]), ("shared", run)):
            choice = SpaceChoice(shared=space)
            request = Request(
                protocol=Protocol(query=m, gallery=m), spaces=choice, ranker="knn", settings=knn
            )
            yield f"1 | {m} | {m} | {title}", request
    for query, gallery in (MODALITIES, MODALITIES[::-1]):
        choice = SpaceChoice(shared=run, own_query=own[query], own_gallery=own[gallery])
        for ranker, title in TITLES.items():
            request = Request(
                protocol=Protocol(query=query, gallery=gallery),
                spaces=choice,
                ranker=ranker,
                settings=RANKERS[ranker].settings(),
            )
            yield f"2 | {query} | {gallery} | {title}", request


def measure(folder: Path) -> None:
    """Rank the unseen digits in a trained folder's spaces; leaves `measures.json`."""
    data = open_data("digits")
    spaces = read_spaces(folder, data.dataset, sorted(unseen_classes(data.dataset)))
    lines, asked = zip(*requests(folder.name), strict=True)
    rows = fill(OpenData(dataset=data.dataset, spaces=spaces), asked)
    write(folder / "measures.json", {line: row.measures for line, row in zip(lines, rows, strict=True)})


def write(path: Path, told: Mapping[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, indent=1), encoding="utf-8")
    part.replace(path)


def seed_run(seed: int, folder: Path) -> None:
    if not (folder / "cost.json").exists():
        train(seed, folder)
    if not (folder / "measures.json").exists():
        measure(folder)


def tables(folders: list[Path]) -> Iterator[str]:
    """Lines of Markdown."""
    found = [json.loads((folder / "measures.json").read_text(encoding="utf-8")) for folder in folders]
    for number, what in (("1", "k-NN, query and gallery of one modality"), ("2", "across modalities")):
        column = "space" if number == "1" else "ranking"
        yield f"\nTable {number}: {what}; digits 7-9, {len(folders)} seeds, %\n"
        yield f"| query | gallery | {column} | " + " | ".join(SHOWN.values()) + " |"
        yield "|---|---|---" + "|---:" * len(SHOWN) + "|"
        for line in found[0]:
            if line.startswith(number):
                each = [run[line] for run in found]
                mean, spread = mean_of(each), spread_of(each)
                cells = [percent(mean[name], spread.get(name)) for name in SHOWN]
                yield "| " + line.partition(" | ")[2] + " | " + " | ".join(cells) + " |"
    costs = [json.loads((folder / "cost.json").read_text(encoding="utf-8")) for folder in folders]
    cost = mean_of(costs)
    yield f"\n{cost[TIME]:.1f} s an epoch with its measuring, {cost[MEMORY]:.0f} MB at most."


def percent(mean: float, spread: float | None) -> str:
    return f"{100 * mean:.1f}" if spread is None else f"{100 * mean:.1f} ± {100 * spread:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.paper000")
    parser.add_argument("--seeds", type=int, default=5, help="how many, from 0")
    parser.add_argument(
        "--out", type=Path, default=Path(gettempdir()) / "xview-paper000", help="folder to keep"
    )
    told = parser.parse_args()
    folders = [told.out / f"seed-{seed}" for seed in range(told.seeds)]
    spawn = multiprocessing.get_context("spawn")
    for seed, folder in enumerate(folders):
        # A process each, so that memory is its own
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            pool.submit(seed_run, seed, folder).result()
    print("\n".join(tables(folders)))


if __name__ == "__main__":
    main()
