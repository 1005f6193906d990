"""The survey of smooth paths as a worker's task; see `xview.jobs.tasks` for the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.errors import SettingError
from xview.jobs.folder import write_text
from xview.jobs.reporter import Reporter
from xview.metrics.smooth_survey import Survey, survey, world_for_smooth
from xview.metrics.table import Request, field_of
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.registry import build
from xview.spaces.library import open_data

FOUND = "smooth.json"
_LONGEST = 50  # paths that are told one by one
_UNITS = 1_000
_BUILT = 0.1  # share of the progress that building the graph is


def smooth(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Find the smooth shortest paths between all gallery items.

    Config: data, unseen, and `request` as `xview.metrics.table.Request` writes it, of ranker geodesic.
    Leaves `smooth.json`, what was found, as `Survey.to_json` writes it.
    """
    request = Request.from_json(config["request"])
    data = open_data(config["data"], config.get("unseen"))
    world = world_for_smooth(data.dataset)
    _, graphs = field_of(data, request)
    ranker = build(request.ranker, graphs.field, request.settings, graphs)
    if not isinstance(ranker, GeodesicRanker):
        raise SettingError(f"smooth paths follow the ways of ranker geodesic, not of {request.ranker}")

    def tell(share: float, doing: str) -> None:
        reporter.step(round(_UNITS * share), _UNITS, doing)

    ranker.prepare(lambda share: tell(_BUILT * share, "joining what is near"))
    found = survey(
        ranker.graph,
        ranker.vertices,
        world,
        _LONGEST,
        lambda share: tell(_BUILT + (1 - _BUILT) * share, "following smooth paths"),
    )
    write_text(run_dir / FOUND, json.dumps(found.to_json(), allow_nan=False))
    return FOUND


def read_found(run_dir: Path) -> Survey:
    """What `smooth` left in its run folder."""
    return Survey.from_json(json.loads((run_dir / FOUND).read_text("utf-8")))
