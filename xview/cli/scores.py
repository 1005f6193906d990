"""`xview scores`: all queries against the whole gallery, streamed to a file."""

from __future__ import annotations

import argparse
import shutil
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from xview.arrays import AnyArray, Doubles, Strings
from xview.cli.output import check_writable, note, progress, replacing
from xview.cli.request import choose_rankers, open_data, protocol_of, spaces_of
from xview.errors import DataError
from xview.retrieval.field import build_field
from xview.retrieval.registry import build


def run(args: argparse.Namespace) -> int:
    """Write the score matrix of one ranker."""
    if args.out.suffix != ".npz":
        raise DataError(f"{args.out}: scores are written as .npz; name it {args.out.stem}.npz")
    (choice,) = choose_rankers([args.ranker], args.set)
    workspace = open_data(args)
    protocol = protocol_of(args, workspace, args.query)
    spaces = spaces_of(args, workspace, protocol)
    task = workspace.task(protocol)
    shape = (len(task.query_rows), len(task.gallery_rows))
    check_room(args.out, shape)
    field = build_field(task, workspace.spaces, spaces)
    ranker = build(choice.name, field, choice.settings)
    with progress(f"{choice.title}, {shape[0]:,} queries") as step:
        blocks = (scores for _, scores in ranker.score_blocks(np.arange(shape[0])))
        write_scores(
            args.out,
            blocks,
            task.queries.ids[task.query_rows],
            task.gallery.ids[task.gallery_rows],
            step,
        )
    note(f"wrote {args.out}: {shape[0]:,} x {shape[1]:,} scores, {_size(shape[0] * shape[1] * 8)}")
    return 0


def write_scores(
    path: Path,
    blocks: Iterable[Doubles],
    query_ids: Strings,
    gallery_ids: Strings,
    on_progress: Callable[[float], None],
) -> None:
    """Write an uncompressed .npz of scores (m, n) float64, query_ids (m,) and gallery_ids (n,).

    Only one block is held at a time.

    Args:
        path: Replaced when all is written.
        blocks: The rows of the matrix in order, (b, n) each.
        query_ids, gallery_ids: Names of the rows and columns.
        on_progress: Takes the share of rows written.

    Raises:
        DataError: The file cannot be written.
    """
    rows, columns = len(query_ids), len(gallery_ids)
    with replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in (("query_ids", query_ids), ("gallery_ids", gallery_ids)):
            _member(archive, name, array)
        with archive.open(zipfile.ZipInfo("scores.npy"), "w", force_zip64=True) as member:
            header = {"descr": "<f8", "fortran_order": False, "shape": (rows, columns)}
            np.lib.format.write_array_header_1_0(member, header)
            done = 0
            for block in blocks:
                member.write(np.ascontiguousarray(block, dtype="<f8").data)
                done += len(block)
                on_progress(done / rows)


def _member(archive: zipfile.ZipFile, name: str, array: AnyArray) -> None:
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
        np.lib.format.write_array(member, array, allow_pickle=False)


def check_room(path: Path, shape: tuple[int, int]) -> None:
    """Refuse, before the work, a score matrix of this shape that the disk cannot hold.

    Raises:
        DataError: Too little room, or the file cannot be written.
    """
    check_writable(path)
    needed, free = shape[0] * shape[1] * 8, shutil.disk_usage(path.parent).free
    if needed > free:
        raise DataError(
            f"{path}: {shape[0]:,} x {shape[1]:,} scores need {_size(needed)}, the disk has "
            f"{_size(free)} left; choose fewer classes or another disk"
        )


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"
