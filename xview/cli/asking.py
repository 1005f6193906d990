"""One query as the command line takes it: what it means, its marks, and its place in the spaces."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xview.arrays import Floats
from xview.cli.output import note
from xview.cli.request import choose_rankers, open_data, protocol_of, spaces_of
from xview.data.records import Collection, Kind
from xview.errors import QueryError, nearest_name
from xview.retrieval.feedback import FeedbackSettings
from xview.session.engine import Engine, Outside
from xview.session.resolve import Resolved, resolve
from xview.session.state import Feedback, ItemsQuery, PictureQuery, QueryRef, TextQuery, ViewState
from xview.session.workspace import Workspace

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True, eq=False)
class Asked:
    """A query ready to be answered.

    Attributes:
        resolved: The request.
        engine: Of its data.
        outside: Features of a query that is no item, or None.
    """

    resolved: Resolved
    engine: Engine
    outside: Outside | None


def asked(args: argparse.Namespace) -> Asked:
    """What the arguments of `asking` and `feedback` ask.

    Raises:
        XViewError: The data, the query, a ranker or a mark does not fit.
    """
    (choice,) = choose_rankers([args.ranker], args.set)
    workspace = open_data(args)
    modality, query = read_query(args.query, args.modality, workspace)
    protocol = protocol_of(args, workspace, modality)
    state = ViewState(
        protocol=protocol,
        spaces=spaces_of(args, workspace, protocol),
        ranker=choice.name,
        settings=((choice.name, choice.settings),),
        query=query,
        feedback=Feedback(tuple(dict.fromkeys(args.right)), tuple(dict.fromkeys(args.wrong))),
        feedback_settings=FeedbackSettings(right=args.right_weight, wrong=args.wrong_weight),
    )
    resolved = resolve(state, workspace)
    _check_marks(state.feedback, resolved)
    outside = encode(resolved, workspace)
    return Asked(resolved, Engine(workspace), outside)


def query_json(resolved: Resolved) -> dict[str, str]:
    """The query's modality, and its id, file or text."""
    query, modality = resolved.query, resolved.task.protocol.query
    if isinstance(query, ItemsQuery):
        return {"modality": modality, "id": query.ids[0]}
    if isinstance(query, PictureQuery):
        return {"modality": modality, "file": query.path}
    assert isinstance(query, TextQuery)
    return {"modality": modality, "text": query.text}


def item_json(collection: Collection, row: int) -> dict[str, str]:
    """What to call an item."""
    return {"id": str(collection.ids[row]), "title": str(collection.titles[row])}


def _check_marks(feedback: Feedback, resolved: Resolved) -> None:
    """A mark that would have no effect is a mistake here."""
    both = [name for name in feedback.right if name in feedback.wrong]
    if both:
        raise QueryError(f"{both[0]!r} cannot be right and wrong at once")
    kept = {*resolved.feedback.right, *resolved.feedback.wrong}
    gallery = resolved.task.gallery
    for name in (*feedback.right, *feedback.wrong):
        if name not in kept:
            near = nearest_name(name, gallery.row_of)
            raise QueryError(f"{name!r} cannot be marked: it is not in the gallery, {gallery.modality}{near}")


def read_query(text: str, modality: str | None, workspace: Workspace) -> tuple[str, QueryRef]:
    """What `ID|FILE|TEXT` means: an item's id where there is one, then a file's name, then words.

    Args:
        text: As typed.
        modality: Where to look, or None for anywhere.
        workspace: Knows the items.

    Returns:
        The query's modality and the query.

    Raises:
        QueryError: It is none of the three.
    """
    collections = workspace.dataset.collections
    if modality is not None:
        workspace.dataset.collection(modality)
    default = workspace.default_protocol()
    places = [modality] if modality else list(dict.fromkeys([default.query, default.gallery, *collections]))
    for place in places:
        if text in collections[place].row_of:
            return place, ItemsQuery((text,))
    kinds = {place: collections[place].kind for place in places}
    path = Path(text)
    if _is_file(path):
        pictures = next((p for p in places if kinds[p] is Kind.IMAGE), None)
        if pictures is None:
            raise QueryError(f"{text} is a file, but there is no modality of pictures to ask with it")
        return pictures, PictureQuery(text)
    texts = next((p for p in places if kinds[p] is Kind.TEXT), None)
    if texts is None or path.suffix.lower() in _PICTURES:
        near = nearest_name(text, [name for p in places for name in collections[p].row_of])
        raise QueryError(f"{text!r} is no item of {', '.join(places)} and no file{near}")
    note(f"asking {texts} with the words {text!r}, as no item and no file has that name")
    return texts, TextQuery(text)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long or impossible as a file's name
        return False


def encode(resolved: Resolved, workspace: Workspace) -> Outside | None:
    """Features of a query from outside, without an own one where it has no place there; None for an item."""
    query = resolved.query
    if resolved.spaces is None or not isinstance(query, PictureQuery | TextQuery):
        return None
    from xview.spaces.encode import encode_outside  # brings torch, which items do not need

    payload: bytes | str = query.text if isinstance(query, TextQuery) else _read(Path(query.path))
    modality = resolved.task.protocol.query

    def place(space: str) -> Floats:
        feature = encode_outside(workspace.spaces[space], modality, payload)
        return np.asarray(feature / max(float(np.linalg.norm(feature)), 1e-12), dtype=np.float32)

    features = {choice.shared: place(choice.shared) for choice in resolved.places}
    for own in dict.fromkeys(choice.own_query for choice in resolved.places if choice.own_query):
        try:
            features[own] = place(own)
        except QueryError:
            note(f"the query has no place in {own}: it walks on the gallery's side only")
    return features


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path}: cannot be read ({error.strerror})") from None
