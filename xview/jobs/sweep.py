"""A sweep as a worker's task; see `xview.jobs.tasks` for the others."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.jobs.folder import write_text
from xview.jobs.reporter import Reporter
from xview.metrics.sweep import Sweep, SweepRequest
from xview.metrics.sweep import sweep as measure
from xview.spaces.library import open_data

FOUND = "sweep.json"
EVERY_S = 0.2
"""Between two looks at what was found so far."""


def sweep(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Judge a ranker over the values of one or two of its settings.

    Config: data, unseen, `sweep` as `xview.metrics.sweep.SweepRequest` writes it.
    Leaves `sweep.json`, what was found, as `Sweep.to_json` writes it; while it runs, what was found so far.
    """

    kept = -math.inf

    def keep(found: Sweep) -> None:
        nonlocal kept
        if time.monotonic() - kept >= EVERY_S:
            _write(run_dir, found)
            kept = time.monotonic()

    request = SweepRequest.from_json(config["sweep"])
    data = open_data(config["data"], config.get("unseen"))
    return _write(run_dir, measure(data, request, reporter.step, keep))


def _write(run_dir: Path, found: Sweep) -> str:
    write_text(run_dir / FOUND, json.dumps(found.to_json(), allow_nan=False))
    return FOUND


def read_found(run_dir: Path, request: SweepRequest) -> Sweep | None:
    """What a sweep left in its run folder, so far or in the end; None where that is nothing yet."""
    try:
        told = json.loads((run_dir / FOUND).read_text("utf-8"))
    except OSError:
        return None
    return Sweep.from_json(request, told)
