"""Writing a report of what is on screen, in a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xview.qt.evaluations import possible_requests
from xview.qt.work import Work
from xview.session.resolve import Resolved


def write_report(work: Work, resolved: Resolved, folder: Path, told: Callable[[str, str], None]) -> None:
    """Every ranker the spaces allow, into a folder; `told` hears a level and words at the end."""
    requests = possible_requests(resolved, resolved.spaces)
    if not requests:
        told("error", f"there is nothing to report: {resolved.problem}")
        return
    work.start(
        "report",
        "xview.report.task:report",
        {
            "data": resolved.workspace.dataset.source,
            "unseen": resolved.workspace.unseen,
            "requests": [request.to_json() for request in requests],
            "folder": str(folder),
        },
        lambda _run_dir: told("info", f"the report is {folder / 'index.html'}"),
    )
