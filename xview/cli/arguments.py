"""Groups of arguments that several commands share. Imports nothing heavy."""

from __future__ import annotations

import argparse


def direction(parser: argparse.ArgumentParser) -> None:
    """Which modality asks and which answers."""
    parser.add_argument(
        "--query", metavar="M", help="modality that asks (default: first of the shared space)"
    )
    parser.add_argument("--gallery", metavar="M", help="modality that answers")


def classes(parser: argparse.ArgumentParser) -> None:
    """Which classes and groups take part."""
    group = parser.add_argument_group("protocol")
    parts = ("unseen", "seen", "all")
    group.add_argument(
        "--classes", choices=parts, help="classes that ask (default: unseen where the data has a split)"
    )
    group.add_argument(
        "--gallery-classes", choices=parts, help="classes that answer (default: those that ask)"
    )
    group.add_argument(
        "--unseen",
        action="append",
        metavar="CLASS",
        help="hold this class out instead of the data's own; repeat for more",
    )
    group.add_argument(
        "--within-groups",
        action="store_true",
        help="let a query find gallery items of its own group (camera, artist, subject)",
    )


def spaces(parser: argparse.ArgumentParser) -> None:
    """Which spaces rank."""
    group = parser.add_argument_group("spaces (default: the first of `xview info` that fits)")
    group.add_argument("--shared", metavar="S", help="space that compares query and gallery")
    group.add_argument(
        "--own-query", metavar="S", help="the query modality's single-modal space (default: of one training)"
    )
    group.add_argument("--own-gallery", metavar="S", help="the gallery modality's single-modal space")


def rankers(parser: argparse.ArgumentParser, *, several: bool, default: str = "default: all") -> None:
    """Which rankers, one or `several`, with their settings."""
    group = parser.add_argument_group("rankers (`xview rankers` lists them with their settings)")
    if several:
        group.add_argument("--ranker", action="append", metavar="NAME", help=f"repeat to compare ({default})")
    else:
        group.add_argument("--ranker", default="heterogeneous", metavar="NAME", help="default: heterogeneous")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting of every named ranker that has it (RANKER.KEY=VALUE: of that one); repeat for more",
    )


def asking(parser: argparse.ArgumentParser) -> None:
    """One query, where and how it is answered, and what the user makes of the answer."""
    parser.add_argument(
        "--query", required=True, metavar="ID|FILE|TEXT", help="an item's id, a picture file, or words"
    )
    parser.add_argument(
        "--modality", metavar="M", help="modality of the query (default: where its id is found)"
    )
    parser.add_argument("--gallery", metavar="M", help="modality to search in")
    classes(parser)
    spaces(parser)
    rankers(parser, several=False)
    group = parser.add_argument_group("relevance feedback")
    for truth, weight in (("right", 0.75), ("wrong", 0.25)):
        group.add_argument(
            f"--{truth}",
            action="append",
            default=[],
            metavar="ID",
            help=f"a gallery item that is {truth} for this query; repeat for more",
        )
        group.add_argument(
            f"--{truth}-weight",
            default=weight,
            metavar="W",
            help=f"weight of all {truth} ones together against the query's own (default {weight})",
        )


def as_json(parser: argparse.ArgumentParser) -> None:
    """Where JSON goes."""
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="as JSON to FILE, or to stdout")


def count(text: str) -> int:
    """A whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text!r}")
    return number


def counts(text: str) -> tuple[int, ...]:
    """Whole numbers from 1, with commas between them."""
    return tuple(count(part) for part in text.split(","))
