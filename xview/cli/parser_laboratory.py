"""The grammar of the laboratory's commands, one function each. Imports nothing heavy."""

from __future__ import annotations

import argparse

from xview.cli.arguments import as_json, asking, classes, count, counts, direction, rankers, spaces


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


def sweep(parser: argparse.ArgumentParser) -> None:
    """Of `xview sweep`."""
    parser.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="KEY=VALUES",
        help="a setting and its values: lambda=0:1:0.1 (start:stop:step, both ends count), k=5,10,20, or "
        "alpha=0.5:0.999/10 (10 values spaced as the window's slider is); repeat for a grid of two",
    )
    direction(parser)
    classes(parser)
    spaces(parser)
    rankers(parser, several=False)
    parser.add_argument(
        "--measure",
        default="mAP",
        metavar="NAME",
        help="what a grid shows, of `xview evaluate` (default mAP)",
    )
    as_json(parser)


def distortion(parser: argparse.ArgumentParser) -> None:
    """Of `xview distortion`."""
    parser.add_argument("--space", metavar="A", help="space to measure (default: the first shared one)")
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="B",
        help="reference, for the modalities it holds; repeat for more (default: each modality's own space)",
    )
    parser.add_argument(
        "--map",
        default="",
        metavar="METHOD",
        help="measure A's map (umap, tsne, pca, as-is) against A itself",
    )
    parser.add_argument(
        "--k", type=count, default=10, metavar="N", help="neighbours of graphs, edges and hubs (default 10)"
    )
    parser.add_argument(
        "--ks",
        type=counts,
        default=(5, 10, 20, 50),
        metavar="N,N,...",
        help="neighbourhood sizes of the curves (default 5,10,20,50)",
    )
    parser.add_argument(
        "--sample",
        type=count,
        metavar="N",
        help="items measured, each against all (default: all up to 20,000, 5,000 of more)",
    )
    direction(parser)
    classes(parser)
    parser.add_argument(
        "--top", type=count, default=10, metavar="N", help="classes to show, the most torn first (default 10)"
    )
    as_json(parser)


def fuse(parser: argparse.ArgumentParser) -> None:
    """Of `xview fuse`."""
    parser.add_argument(
        "--source",
        action="append",
        metavar="SOURCE",
        help="a ranker, perhaps in another shared space and with settings: knn, 'heterogeneous(k=9)' or "
        """'knn@"shared (cca)"'; repeat for more (default: every ranker these spaces allow)""",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--weights", metavar="W,W,...", help="hold sources against the fusion of these weights")
    ways.add_argument("--average", action="store_true", help="... of equal weights")
    ways.add_argument("--adaptive", action="store_true", help="... of each query's own weights (default)")
    ways.add_argument(
        "--find",
        action="store_true",
        help="... of weights found on the seen classes, never on the tested ones",
    )
    parser.add_argument(
        "--scale",
        choices=("largest", "none"),
        default="largest",
        help="largest (default): divide a source's scores by their largest magnitude, by query; none: do not",
    )
    direction(parser)
    parser.add_argument("--both", action="store_true", help="the other direction, too")
    classes(parser)
    spaces(parser)
    as_json(parser)


def walk(parser: argparse.ArgumentParser) -> None:
    """Of `xview walk`."""
    asking(parser)
    parser.add_argument("--top", type=count, default=3, metavar="N", help="items to show a step (default 3)")
    parser.add_argument(
        "--to", metavar="ID", help="gallery item to tell the heaviest paths to (default: the walk's first)"
    )
    as_json(parser)


def modify(parser: argparse.ArgumentParser) -> None:
    """Of `xview modify`."""
    parser.add_argument("--picture", metavar="ID", help="the picture to begin with")
    parser.add_argument("--text", metavar="WORDS", help="what is different, such as 'make the red cube blue'")
    parser.add_argument("--run", metavar="RUN", help="what learnt to (default: the newest that did)")
    parser.add_argument("--top", type=count, default=10, metavar="N", help="results to show (default 10)")
    parser.add_argument(
        "--test", action="store_true", help="tell how often the test pairs' targets are found instead"
    )
    as_json(parser)


def path(parser: argparse.ArgumentParser) -> None:
    """Of `xview path`."""
    parser.add_argument(
        "--from",
        dest="source",
        metavar="ID|FILE|TEXT",
        help="what the way begins at: an item, or a picture or words from outside",
    )
    parser.add_argument("--but", metavar="WORDS", help="... but different as these words say")
    parser.add_argument("--to", metavar="ID", help="item it ends at (default: the nearest along the graph)")
    parser.add_argument("--modality", metavar="M", help="of --from (default: where it is found)")
    parser.add_argument(
        "--gallery", metavar="M", help="of --to (default: where it is found; without it, that of --from)"
    )
    parser.add_argument("--shared", metavar="S", help="space (default: the first shared one that holds both)")
    edges = parser.add_mutually_exclusive_group()
    edges.add_argument(
        "--degree", default=20.0, metavar="N", help="edges of a vertex, in the mean (default 20)"
    )
    edges.add_argument(
        "--threshold", default=0.0, metavar="RAD", help="join what is nearer than this, in radians"
    )
    parser.add_argument("--no-stones", action="store_true", help="ways over the gallery's items alone")
    parser.add_argument(
        "--no-align", action="store_true", help="leave the other modalities where they are in the space"
    )
    parser.add_argument(
        "--top", type=count, default=5, metavar="N", help="nearest neighbours to show (default 5)"
    )
    parser.add_argument(
        "--growth",
        type=count,
        nargs="?",
        const=10,
        metavar="N",
        help="what the graph holds at other thresholds, so many (10 without a number)",
    )
    parser.add_argument(
        "--smooth",
        type=count,
        nargs="?",
        const=5,
        metavar="N",
        help="the longest smooth paths, so many (5 without a number); without --from those of all items",
    )
    as_json(parser)
