"""What one of several processes computes of a batch they share; started by `test_systems`."""

from __future__ import annotations

import json
import warnings
from datetime import timedelta
from pathlib import Path

import torch
from torch import distributed

from tests.contract import world
from xview.models.registry import find

EPOCHS = 2


def curves(names: list[str]) -> dict[str, list[dict[str, float]]]:
    """Terms of every step of a TINY run of each system, with as many modalities as it takes.

    In double precision: in single, Adam makes whole steps of gradients that are nothing but rounding.
    """
    found = {}
    for name in names:
        row = find(name)
        given = world.data(world.modalities(row)[-1])
        found[name] = world.learn(world.build(row, given).double(), given, EPOCHS)
    return found


def work(rank: int, processes: int, folder: Path, names: list[str]) -> None:
    """Entry of a process; the first one leaves `curves.json`."""
    warnings.simplefilter("error")
    torch.set_num_threads(1)
    distributed.init_process_group(
        "gloo",
        init_method=(folder / "meet").as_uri(),
        rank=rank,
        world_size=processes,
        timeout=timedelta(seconds=60),
    )
    found = curves(names)
    if rank == 0:
        (folder / "curves.json").write_text(json.dumps(found))
    distributed.destroy_process_group()
