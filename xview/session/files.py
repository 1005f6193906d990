"""Session files: one JSON object with the data's source and the user's intentions.

A session file is data from outside like any other: what does not fit is refused with its place, never run.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import AnyArray
from xview.data.protocol import Classes, Protocol
from xview.errors import DataError, SettingError
from xview.retrieval.feedback import FeedbackSettings
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.rows import Rows
from xview.session.state import (
    Asked,
    ColourBy,
    Feedback,
    ItemsQuery,
    ModifiedQuery,
    Overlay,
    PictureQuery,
    QueryRef,
    TextQuery,
    ViewState,
    selection_of,
)

FORMAT = 1
SUFFIX = ".xview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session file keeps: `source` as given to `open_dataset`, the held-out classes, and the view."""

    source: str
    unseen: tuple[str, ...] | None
    state: ViewState
    history: tuple[Asked, ...] = ()


def save_session(path: Path, session: Session) -> None:
    """Write atomically.

    Raises:
        DataError: The folder cannot be written.
    """
    text = json.dumps(
        {
            "format": FORMAT,
            "source": session.source,
            "unseen": session.unseen,
            "state": _state_to_json(session.state),
            "history": [
                {"query": _query_to_json(asked.query), "protocol": _protocol_to_json(asked.protocol)}
                for asked in session.history
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
    scratch = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_text(text, "utf-8")
        scratch.replace(path)
    except OSError as error:
        raise DataError(f"{path}: the session could not be saved ({error.strerror})") from error


def load_session(path: Path) -> Session:
    """Read what `save_session` wrote.

    Raises:
        DataError: Unreadable, not a session, from a newer xview, or damaged; the message says which.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"{path}: the session cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise DataError(f"{path}: not a session file ({error})") from error
    if not isinstance(raw, dict) or "format" not in raw or "source" not in raw:
        raise DataError(f"{path}: not a session file")
    if raw["format"] != FORMAT:
        raise DataError(
            f"{path}: written by another version of xview (format {raw['format']!r}, not {FORMAT})"
        )
    try:
        unseen = raw.get("unseen")
        return Session(
            source=str(raw["source"]),
            unseen=None if unseen is None else tuple(str(name) for name in unseen),
            state=_state_from_json(raw["state"]),
            history=tuple(
                Asked(_query_from_json(asked["query"]), _protocol_from_json(asked["protocol"]))
                for asked in raw.get("history", ())
            ),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, SettingError) as error:
        raise DataError(f"{path}: the session is damaged ({error})") from error


def _state_to_json(state: ViewState) -> dict[str, Any]:
    return {
        "protocol": None if state.protocol is None else _protocol_to_json(state.protocol),
        "spaces": asdict(state.spaces),
        "ranker": state.ranker,
        "other": state.other,
        "other_spaces": None if state.other_spaces is None else asdict(state.other_spaces),
        "settings": {name: settings.to_mapping() for name, settings in state.settings},
        "query": None if state.query is None else _query_to_json(state.query),
        "why": state.why,
        "why_in_other": state.why_in_other,
        "feedback": {"right": list(state.feedback.right), "wrong": list(state.feedback.wrong)},
        "feedback_settings": state.feedback_settings.to_mapping(),
        "selection": {modality: _rows_to_json(rows) for modality, rows in state.selection},
        "colour_by": state.colour_by,
        "overlay": state.overlay,
        "hidden": sorted(state.hidden),
        "hidden_modalities": sorted(state.hidden_modalities),
        "hidden_spaces": sorted(state.hidden_spaces),
        "shown_spaces": sorted(state.shown_spaces),
        "all_items": state.all_items,
        "isolated": state.isolated,
        "method": state.method,
        "methods": dict(state.methods),
    }


def _state_from_json(raw: dict[str, Any]) -> ViewState:
    return ViewState(
        protocol=None if raw["protocol"] is None else _protocol_from_json(raw["protocol"]),
        spaces=_spaces_from_json(raw["spaces"]),
        ranker=str(raw["ranker"]),
        other=None if raw["other"] is None else str(raw["other"]),
        other_spaces=None if not raw.get("other_spaces") else _spaces_from_json(raw["other_spaces"]),
        settings=tuple(
            sorted(
                (
                    (name, RANKERS[name].settings.from_mapping(values))
                    for name, values in raw["settings"].items()
                    if name in RANKERS
                ),
                key=lambda pair: pair[0],
            )
        ),
        query=None if raw["query"] is None else _query_from_json(raw["query"]),
        why=None if raw["why"] is None else str(raw["why"]),
        why_in_other=bool(raw["why_in_other"]),
        feedback=_feedback_from_json(raw.get("feedback", {})),
        feedback_settings=FeedbackSettings.from_mapping(raw.get("feedback_settings", {})),
        selection=selection_of(
            {str(modality): _rows_from_json(rows) for modality, rows in raw["selection"].items()}
        ),
        colour_by=_colour_by(raw["colour_by"]),
        overlay=Overlay(raw["overlay"]),
        hidden=frozenset(map(str, raw["hidden"])),
        hidden_modalities=frozenset(map(str, raw["hidden_modalities"])),
        hidden_spaces=frozenset(map(str, raw["hidden_spaces"])),
        shown_spaces=frozenset(map(str, raw.get("shown_spaces", ()))),
        all_items=bool(raw["all_items"]),
        isolated=bool(raw["isolated"]),
        method=str(raw["method"]),
        methods=tuple(sorted((str(space), str(method)) for space, method in raw["methods"].items())),
    )


def _rows_to_json(rows: Rows) -> str:
    """Little-endian int32 in base64: half a million rows are one line that reads in milliseconds."""
    return base64.b64encode(rows.array.astype("<i4").tobytes()).decode("ascii")


def _rows_from_json(raw: str | list[int]) -> AnyArray:
    """What `_rows_to_json` wrote, or numbers in a list as in older files."""
    if isinstance(raw, str):
        return np.frombuffer(base64.b64decode(raw, validate=True), "<i4")
    return np.array([int(row) for row in raw], np.int64)


def _spaces_from_json(raw: dict[str, Any]) -> SpaceChoice:
    return SpaceChoice(**{key: str(raw[key]) for key in ("shared", "own_query", "own_gallery")})


def _protocol_to_json(protocol: Protocol) -> dict[str, Any]:
    return {
        "query": protocol.query,
        "gallery": protocol.gallery,
        "query_classes": protocol.query_classes,
        "gallery_classes": protocol.gallery_classes,
        "across_groups": protocol.across_groups,
    }


def _protocol_from_json(raw: dict[str, Any]) -> Protocol:
    return Protocol(
        query=str(raw["query"]),
        gallery=str(raw["gallery"]),
        query_classes=Classes(raw["query_classes"]),
        gallery_classes=Classes(raw["gallery_classes"]),
        across_groups=bool(raw["across_groups"]),
    )


def _feedback_from_json(raw: dict[str, Any]) -> Feedback:
    """Sessions from before there were marks have none."""
    return Feedback(*(tuple(str(name) for name in raw.get(truth, ())) for truth in ("right", "wrong")))


def _query_to_json(query: QueryRef) -> dict[str, Any]:
    match query:
        case ItemsQuery(ids, weights):
            return {"items": list(ids), "weights": list(weights)}
        case PictureQuery(path):
            return {"picture": path}
        case TextQuery(text):
            return {"text": text}
        case ModifiedQuery(name, text):
            return {"modified": name, "text": text}


def _query_from_json(raw: dict[str, Any]) -> QueryRef:
    if "items" in raw:
        weights = tuple(float(weight) for weight in raw["weights"])
        if weights and len(weights) != len(raw["items"]):
            raise ValueError("a query has more items than weights")
        return ItemsQuery(tuple(str(name) for name in raw["items"]), weights)
    if "picture" in raw:
        return PictureQuery(str(raw["picture"]))
    if "modified" in raw:
        return ModifiedQuery(str(raw["modified"]), str(raw["text"]))
    return TextQuery(str(raw["text"]))


def _colour_by(word: str) -> ColourBy:
    """A figure of a dock is not kept; classes colour the maps instead."""
    by = ColourBy(word)
    return ColourBy.CLASS if by is ColourBy.FIGURE else by
