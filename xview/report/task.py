"""The report as a worker's task; see `xview.jobs.tasks` for the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.jobs.reporter import Reporter
from xview.metrics.table import Request
from xview.report import write_report
from xview.session.state import RankerChoice
from xview.session.workspace import DEFAULT_METHOD, MapKey, open_workspace
from xview.spaces.projection import method_settings, project_space
from xview.spaces.provenance import of_run


def report(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Write the report of what is open.

    Config: `data`, `unseen` as for other tasks; `requests` as `xview.metrics.table.Request` writes them, all
    of one protocol and spaces: the rankers to show; `folder` to write into.
    Leaves nothing in the run folder; returns the page's path.
    """
    workspace = open_workspace(config["data"], config.get("unseen"))
    requests = [Request.from_json(values) for values in config["requests"]]
    for name, space in workspace.spaces.items():
        key = MapKey(name, DEFAULT_METHOD)
        if key not in workspace.maps and (name in requests[0].spaces.names or not of_run(space)):
            layout = project_space(space, method_settings(DEFAULT_METHOD), reporter.step)
            workspace = workspace.with_map(key, layout)
    page = write_report(
        workspace,
        Path(config["folder"]),
        protocol=requests[0].protocol,
        spaces=requests[0].spaces,
        rankers=[RankerChoice(request.ranker, request.settings) for request in requests],
        on_progress=lambda share: reporter.step(round(1000 * share), 1000),
    )
    return str(page)
