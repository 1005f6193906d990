"""`xview ...`: the window's work without a screen.

`parser` holds the whole grammar and imports nothing heavy, so `xview --help` answers at once; each command is
a module of its own with `run(args) -> int`, imported when it is asked for.

Decisions
    2026-11-22  Results go to stdout, everything said on the way (progress, where a file was written) to
                stderr, so `xview evaluate DATA --json | jq` needs no other switch.
    2026-11-22  Bad input ends with status 2 and one line, Ctrl-C with 130; a traceback is a bug of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from xview.cli.parser import build_parser
from xview.errors import XViewError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status: 0, 2 for bad input, 130 for Ctrl-C."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # libraries' own progress bars; ours tell what is going on
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a mark the terminal cannot show is no reason to stop
            stream.reconfigure(errors="replace")
    try:
        args = build_parser().parse_args(argv)
        status: int = import_module(f"xview.cli.{args.command}").run(args)
        sys.stdout.flush()
        return status
    except XViewError as error:
        print("xview:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("xview: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader (`head`, `less`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
