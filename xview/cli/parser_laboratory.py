"""The grammar of the laboratory's commands, one function each. Imports nothing heavy."""

from __future__ import annotations

import argparse

from xview.cli.arguments import as_json, classes, count, direction, rankers


def compare(parser: argparse.ArgumentParser) -> None:
    """Of `xview compare`."""
    parser.add_argument(
        "what", nargs="+", metavar="RUN|DATA", help="two finished runs by name, or a data set"
    )
    for side in ("a", "b"):
        parser.add_argument(
            f"--{side}",
            metavar="RANKER",
            help=f"of DATA: {side.upper()}'s ranker, perhaps with its shared space and settings, such as "
            """knn or 'heterogeneous@"shared (cca)"(lambda=0.3)'""",
        )
    direction(parser)
    parser.add_argument("--both", action="store_true", help="the other direction, too")
    classes(parser)
    rankers(parser, several=True, default="of two runs: knn and heterogeneous")
    parser.add_argument(
        "--top", type=count, default=5, metavar="N", help="queries of each kind to show (default 5)"
    )
    as_json(parser)
