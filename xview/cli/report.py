"""`xview report`: everything on one page."""

from __future__ import annotations

import argparse

from xview.cli.output import note, progress, say
from xview.cli.request import choose_rankers, open_data, protocol_of, spaces_of
from xview.report import write_report
from xview.session.workspace import MapKey
from xview.spaces.projection import method_settings, project_space


def run(args: argparse.Namespace) -> int:
    """Lay out the spaces that came without a map, rank, measure, write."""
    rankers = choose_rankers(args.ranker, args.set) if args.ranker else None
    settings = method_settings(args.method)
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    spaces = spaces_of(args, workspace, protocol)
    for name, space in workspace.spaces.items():
        if any(key.space == name for key in workspace.maps):
            continue
        with progress(f"map of {name}") as step:
            layout = project_space(space, settings, lambda done, total: step(done / total if total else 0.0))
        workspace = workspace.with_map(MapKey(name, args.method), layout)
    with progress("report") as step:
        page = write_report(
            workspace, args.out, protocol=protocol, spaces=spaces, rankers=rankers, on_progress=step
        )
    say(str(page))
    note("open it in a browser; it is complete in itself")
    return 0
