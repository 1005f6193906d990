"""What the engine answered, as the panels show it. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xview.data.records import Collection, Dataset
from xview.qt.panels.query_card import QueryInfo
from xview.qt.panels.results_data import ResultsData, Truth
from xview.qt.panels.why import WhyInfo, WhyShare
from xview.retrieval.base import Share, Side
from xview.session.answers import Answer, Ranked
from xview.session.resolve import TRAIN_ONE, Resolved
from xview.session.state import ItemsQuery, ModifiedQuery, PictureQuery, QueryRef, TextQuery
from xview.spaces.provenance import modifies

if TYPE_CHECKING:
    from xview.qt.rankings import Reply

SHARES = 40
OUTSIDE = "\0outside"
"""Where `Thumbnails` finds the picture of a query that is no item; no modality is called that."""


def result_lists(answer: Answer) -> tuple[ResultsData, ResultsData | None]:
    """Rankings A and B as the lists show them; places gained are over the other, or over the baseline."""
    classes = answer.resolved.workspace.dataset.classes
    against = answer.b if answer.b is not None else answer.baseline
    a = results_data(answer.a, against if against is not answer.a else None, classes)
    return a, None if answer.b is None else results_data(answer.b, answer.a, classes)


def results_data(ranked: Ranked, against: Ranked | None, classes: Sequence[str]) -> ResultsData:
    """One ranking as the list shows it, with places gained over `against`."""
    gallery, order = ranked.task.gallery, ranked.ranking.order
    rows = ranked.task.gallery_rows[order]
    truth = np.where(ranked.relevant, Truth.HIT, Truth.MISS) if ranked.label >= 0 else Truth.UNKNOWN
    reached = ranked.ranking.reached
    deltas = None if against is None else (against.rank_of - ranked.rank_of)[order]
    ap = ranked.average_precision
    return ResultsData(
        title=ranked.title,
        key=gallery.modality,
        rows=rows,
        scores=ranked.ranking.scores[order],
        correct=np.broadcast_to(np.asarray(truth, dtype=np.int8), order.shape)[order],
        ignored=ranked.ignored[order],
        deltas=deltas,
        deltas_against="" if against is None else against.title,
        ap=None if np.isnan(ap) else ap,
        ap_before=None if np.isnan(ranked.precision_before) else ranked.precision_before,
        marked=ranked.marked[order] if ranked.unmarked is not None else None,
        reached=None if reached is None else reached[order],
        title_of=lambda row: str(gallery.titles[row]),
        class_of=lambda row: classes[gallery.labels[row]] if gallery.labels[row] >= 0 else "",
        id_of=lambda row: str(gallery.ids[row]),
        ignored_why=lambda row: _ignored_why(gallery, row),
    )


def _ignored_why(gallery: Collection, row: int) -> str:
    group = group_of(gallery, row)
    return f"not counted: same group as the query ({group})" if group else "not counted: it is what was asked"


def query_info(resolved: Resolved, reply: Reply | None, place: str) -> QueryInfo | None:
    """The query as its card shows it; None where nothing is asked."""
    aps: tuple[tuple[str, float | None], ...] = ()
    notes: tuple[str, ...] = ()
    if reply is not None:
        answer = reply.answer
        shown = [r for r in (answer.a, answer.b) if r is not None]
        if answer.baseline not in shown:
            shown.append(answer.baseline)
        if answer.a.label >= 0:
            values = [(r.title, r.average_precision) for r in shown]
            aps = tuple((title, None if np.isnan(ap) else ap) for title, ap in values)
        marked = int(np.count_nonzero(answer.a.marked))
        left_out = (f"Average precision leaves the {marked:,} marked results out.",) if marked else ()
        notes = tuple(dict.fromkeys((*answer.notes, *answer.a.ranking.notes, *left_out)))
    match resolved.query:
        case None:
            return None
        case PictureQuery():
            return QueryInfo(
                title=called(resolved.query),
                key=OUTSIDE,
                rows=(0,),
                origin="picture from outside",
                aps=aps,
                notes=notes,
            )
        case ModifiedQuery(_, text):
            return _modified_info(resolved, text, reply, notes)
        case TextQuery():
            return QueryInfo(title=called(resolved.query), origin="text from outside", aps=aps, notes=notes)
        case ItemsQuery(ids):
            queries, rows = resolved.task.queries, resolved.query_rows
            if len(ids) > 1:
                return QueryInfo(
                    title=f"{len(ids)} items", key=queries.modality, rows=tuple(rows.tolist()),
                    origin=queries.modality, aps=aps, notes=notes, place=place,
                )  # fmt: skip
            row = int(rows[0])
            label = int(queries.labels[row])
            return QueryInfo(
                title=str(queries.titles[row]),
                key=queries.modality,
                rows=(row,),
                text=queries.payloads.text(row) or "",
                origin=queries.modality,
                class_name=resolved.workspace.dataset.classes[label] if label >= 0 else "",
                group=group_of(queries, row),
                id=ids[0],
                aps=aps,
                place=place,
                notes=notes,
                modify=_modify(resolved),
            )


def _modified_info(resolved: Resolved, text: str, reply: Reply | None, notes: tuple[str, ...]) -> QueryInfo:
    """The picture that is modified, and what its system says of the change."""
    queries, row = resolved.task.queries, int(resolved.query_rows[0])
    change = None if reply is None else reply.change
    if change is not None and change.unknown:
        notes = (*notes, f"Not in the words it has learnt: {', '.join(change.unknown)}.")
    return QueryInfo(
        title=f"{queries.titles[row]}, but …",
        key=queries.modality,
        rows=(row,),
        text=text,
        origin=f"{queries.modality}, modified",
        id=str(queries.ids[row]),
        told=() if change is None else change.told,
        notes=notes,
        modify=_modify(resolved),
        but=text,
    )


def _modify(resolved: Resolved) -> str | None:
    """Empty where the query's pictures can be modified, else what that takes; None where nothing can."""
    workspace, modality = resolved.workspace, resolved.task.protocol.query
    if any(modifies(space, modality) for space in workspace.spaces.values()):
        return ""
    pairs = workspace.dataset.modifications
    return None if pairs is None or pairs.modality != modality else f"To modify it by words, {TRAIN_ONE}"


def why_info(reply: Reply) -> WhyInfo | None:
    """Why the chosen result has its score; None where none is chosen."""
    ranked, explanation = reply.explained, reply.explanation
    row = reply.row
    if ranked is None or explanation is None or row is None:
        return None
    position = int(ranked.task.gallery_rows.searchsorted(row))
    classes = reply.answer.resolved.workspace.dataset.classes
    told = explanation.shares[:SHARES]
    rest = explanation.shares[SHARES:]
    return WhyInfo(
        title=str(ranked.task.gallery.titles[row]),
        rank=int(ranked.rank_of[position]),
        score=explanation.score,
        shares=tuple(_why_share(share, ranked, classes) for share in told),
        others=sum(share.amount for share in rest),
        other_count=len(rest),
        note="\n".join((f"under {ranked.title}", *reply.differs)),
    )


def _why_share(share: Share, ranked: Ranked, classes: Sequence[str]) -> WhyShare:
    task = ranked.task
    if share.side is Side.QUERY:
        collection, row = task.queries, int(task.query_rows[share.position])
    else:
        collection, row = task.gallery, int(task.gallery_rows[share.position])
    label = int(collection.labels[row])
    return WhyShare(
        key=collection.modality,
        row=row,
        title=str(collection.titles[row]),
        class_name=classes[label] if label >= 0 else "",
        side=share.side,
        part=share.part,
        amount=share.amount,
    )


def described(dataset: Dataset, modality: str, row: int) -> tuple[str, tuple[str, ...]]:
    """Title of an item, and its class, group, modality with part of the split, and id, a line each."""
    collection = dataset.collection(modality)
    label = int(collection.labels[row])
    split = "" if collection.seen is None else (" · seen" if collection.seen[row] else " · unseen")
    lines = (
        dataset.classes[label] if label >= 0 else "no class",
        group_of(collection, row),
        f"{modality}{split}",
        str(collection.ids[row]),
    )
    return str(collection.titles[row]), tuple(line for line in lines if line)


def called(query: QueryRef) -> str:
    """A short name of a query."""
    match query:
        case ItemsQuery(ids):
            return ids[0] if len(ids) == 1 else f"{len(ids)} items"
        case ModifiedQuery(name, text):
            return f"{name}, but “{text}”"
        case PictureQuery(path):
            return path.replace("\\", "/").rsplit("/", 1)[-1]
        case TextQuery(text):
            return f"“{text}”"


def group_of(collection: Collection, row: int) -> str:
    """Name of an item's group, empty where it has none."""
    groups = collection.groups
    return "" if groups is None or groups[row] < 0 else collection.group_names[groups[row]]
