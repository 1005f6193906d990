"""The distortion of a space, measured in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.jobs.reporter import Reporter


def measure(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Measure a space against references, or its map against it.

    Config: `data` (what `open_dataset` takes), `unseen` (classes held out instead of the data's own split, or
    null), `request` as `xview.metrics.distortion.DistortionRequest` writes it.
    Leaves `distortion.json` and `distortion.safetensors`; `Distortion.read(run_dir)` reads them.
    """
    from xview.metrics.distortion import DistortionRequest
    from xview.metrics.measure_distortion import measure as measured
    from xview.spaces.library import open_data

    request = DistortionRequest.from_json(config["request"])
    opened = open_data(config["data"], config.get("unseen"))
    found = measured(opened, request, lambda share: reporter.step(round(1000 * share), 1000))
    found.write(run_dir)
    return "distortion.json"
