"""The grammar of the command line. Imports nothing heavy: help must come at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from xview import __version__
from xview.cli import parser_laboratory as laboratory
from xview.cli.arguments import as_json, asking, classes, count, direction, rankers, spaces
from xview.errors import XViewError

DATA_HELP = "a set by name (emoji, digits, cci, css), or a folder or file of your own"


class UsageError(XViewError):
    """A command line that does not parse."""


class _Parser(argparse.ArgumentParser):
    """Reports a bad command line as one plain line, like every other bad input."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def build_parser() -> argparse.ArgumentParser:
    """The parser of `xview`; `command` names the module of `xview.cli` that runs it."""
    parser = _Parser(
        prog="xview",
        description="Cross-modal retrieval without a window: encode, search, evaluate, report and more.",
    )
    parser.add_argument("--version", action="version", version=f"xview {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, help: str, *, module: str = "", data: bool = True) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help)
        added.set_defaults(command=module or name, what=name)
        if data:
            added.add_argument("data", metavar="DATA", help=DATA_HELP)
        return added

    as_json(command("info", "What a data set holds: modalities, classes, split, spaces, what was skipped."))
    _encode(command("encode", "Turn a modality's pictures or texts into vectors."))
    _project(command("project", "Lay a space out as a map of two dimensions."))
    _search(command("search", "Rank the gallery for one query, as the window does."))
    _scores(command("scores", "Write the scores of all queries against the whole gallery."))
    _evaluate(command("evaluate", "Measure rankers: mAP, rank-k, precision, by direction."))
    laboratory.compare(
        command("compare", "Hold two runs, or two rankers of a data set, against each other.", data=False)
    )
    laboratory.walk(command("walk", "Follow one query's walk step by step to the ranking it ends in."))
    laboratory.path(command("path", "Follow the shortest way to an item, step by step; find smooth paths."))
    laboratory.modify(command("modify", "Find what a picture would be like, changed as a sentence says."))
    laboratory.fuse(command("fuse", "Mix several rankers' scores: who gains by it, with which weights."))
    laboratory.sweep(command("sweep", "Measure a ranker over the values of one or two of its settings."))
    laboratory.distortion(
        command("distortion", "Measure what a shared space did to each modality's neighbourhoods.")
    )
    _report(command("report", "Write maps, rankings, tables and curves as one self-contained page."))
    _train(command("train", "Train a system; `xview runs` shows runs, resumes and stops them."))
    _runs(command("runs", "List training runs; pause, stop, resume or delete them.", data=False))
    _systems(command("systems", "List encoders and trainable systems.", module="listing", data=False))
    as_json(command("rankers", "List rankers and their settings.", module="listing", data=False))
    return parser


def _encode(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--modality", required=True, metavar="M", help="what to encode")
    parser.add_argument(
        "--encoder", metavar="NAME", help="of `xview systems` (default: the built-in one of its kind)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the vectors as .npy, or with ids as .npz (default: keep them in the cache only)",
    )


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--space", metavar="S", help="space to lay out (default: the first shared one)")
    parser.add_argument("--method", default="umap", metavar="NAME", help="umap (default), tsne, pca or as-is")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of the method, such as n_neighbors=30 or seed=1; repeat for more",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="map.npy, or map.csv with ids"
    )


def _search(parser: argparse.ArgumentParser) -> None:
    asking(parser)
    parser.add_argument("--top", type=count, default=10, metavar="N", help="results to show (default 10)")
    parser.add_argument(
        "--explain",
        type=count,
        nargs="?",
        const=1,
        metavar="RANK",
        help="why is the result of this rank there?",
    )
    as_json(parser)


def _scores(parser: argparse.ArgumentParser) -> None:
    direction(parser)
    classes(parser)
    spaces(parser)
    rankers(parser, several=False)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.npz",
        help="scores (m, n), query_ids (m,), gallery_ids (n,)",
    )


def _evaluate(parser: argparse.ArgumentParser) -> None:
    direction(parser)
    parser.add_argument("--both", action="store_true", help="the other direction, too")
    classes(parser)
    spaces(parser)
    rankers(parser, several=True)
    parser.add_argument(
        "--splits",
        type=count,
        metavar="N",
        help="draw N seeded class splits, fit the baseline on each one's seen classes, tell mean and spread",
    )
    as_json(parser)


def _report(parser: argparse.ArgumentParser) -> None:
    direction(parser)
    classes(parser)
    spaces(parser)
    rankers(parser, several=True)
    parser.add_argument(
        "--method",
        default="umap",
        metavar="NAME",
        help="for maps of spaces that came without: umap (default), tsne, pca",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="index.html is written there"
    )


def _train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--system", required=True, metavar="NAME", help="of `xview systems`")
    parser.add_argument("--recipe", metavar="R", help="settings to begin with: a name, or a .toml file")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of the system or the training, such as epochs=30 or seed=1; repeat for more",
    )
    parser.add_argument(
        "--modality", action="append", metavar="M", help="learn from this one; repeat for more (default: all)"
    )
    parser.add_argument(
        "--features",
        action="append",
        default=[],
        metavar="M=SPACE",
        help="what a modality is learnt from (default: its first single-modal space); repeat for more",
    )
    parser.add_argument(
        "--unseen",
        action="append",
        metavar="CLASS",
        help="hold this class out instead of the data's own; repeat for more",
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="begin with these: .safetensors, or tensors by torch"
    )
    parser.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="keep the run there, and go on with the one there"
    )
    parser.add_argument("--detach", action="store_true", help="do not wait for it")


def _runs(parser: argparse.ArgumentParser) -> None:
    actions = ("list", "resume", "pause", "stop", "delete")
    parser.add_argument("action", nargs="?", default="list", choices=actions, help="default: list")
    parser.add_argument("names", nargs="*", metavar="RUN", help="runs by name")
    parser.add_argument("--detach", action="store_true", help="resume without waiting")
    as_json(parser)


def _systems(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="tell a system's settings and recipes")
    parser.add_argument("--data", metavar="DATA", help="say which of them this data does not allow, and why")
    as_json(parser)
