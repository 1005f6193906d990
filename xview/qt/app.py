"""Start the window, or do its work off screen where there is no display."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xview import __version__
from xview.errors import XViewError
from xview.qt.display import why_no_display


def main(arguments: list[str] | None = None) -> int:
    """Open the window on a data set, a session file, or what was open last.

    Returns:
        The process's exit status; 2 with one plain line for bad input.
    """
    parser = argparse.ArgumentParser(prog="xview-window", description="Cross-modal retrieval laboratory.")
    parser.add_argument("source", nargs="?", help="a bundled data set, a folder, a file, or a saved session")
    parser.add_argument("--fresh", action="store_true", help="do not reopen the last session")
    parser.add_argument(
        "--out", type=Path, default=Path("xview-report"), help="without a display: where the report goes"
    )
    parser.add_argument("--version", action="version", version=f"xview {__version__}")
    options = parser.parse_args(arguments)
    reason = why_no_display()
    try:
        if reason:
            from xview.qt.headless import render_and_report

            print(f"{reason}; rendering off screen instead", file=sys.stderr)
            folder = render_and_report(options.source, options.out)
            print(f"window.png and the report (index.html) are in {folder}")
            return 0
        from xview.qt.window import run

        return run(options.source, fresh=options.fresh)
    except XViewError as error:
        print(f"xview: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
