"""Where a run is kept: a folder of a name no other run has, or one of the caller's choice."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from xview.errors import TrainingError


def new_folder(runs: Path, system: str, wanted: str = "") -> tuple[Path, str]:
    """Make a folder for a run; also its name, "<system> <n>" or `wanted`, numbered where that is taken.

    Raises:
        OSError: It cannot be made.
    """
    runs.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        name = f"{wanted or system} {number}" if number > 1 or not wanted else wanted
        path = runs / (re.sub(r"[^\w.-]+", "-", name).strip("-.") or "run")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path, name
    raise AssertionError("unreachable: numbers do not end")


def check_same(place: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Refuse a folder that holds a run of another config; more or fewer epochs make no other run.

    Raises:
        TrainingError: With the first difference.
    """
    a, b = _plain(there), _plain(here)
    for key in {**a, **b}:
        if a.get(key) != b.get(key):
            raise TrainingError(
                f"{place}: holds another run ({key}: {a.get(key)} there, {b.get(key)} here); "
                "choose another folder"
            )


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    training = {**(config.get("training") or {}), "epochs": 0}
    plain: dict[str, Any] = json.loads(json.dumps({**config, "training": training}))
    return plain
