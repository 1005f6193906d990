"""Pictures of items, small and inside the page."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

from PIL import Image

from xview.data.records import Collection, Kind
from xview.errors import DataError
from xview.report.content import Shown

_SIDE = 144  # pixels of the longer side; shown at two thirds of that, sharp on dense screens
_LARGEST = 50_000_000  # pixels; more is no picture to show but a trap
_WORDS = 160  # characters of a text


def data_uri(content: bytes, kind: str) -> str:
    """`content` as a URI of media type image/`kind`."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def thumbnail(content: bytes) -> str:
    """An encoded picture, made small, as a data URI; empty where it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _LARGEST:
                return ""
            picture.draft("RGB", (2 * _SIDE, 2 * _SIDE))
            small = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82)
    return data_uri(out.getvalue(), "webp")


class Gallery:
    """Shows items of a data set's collections; each picture is made small once."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes
        self._picture = lru_cache(maxsize=4096)(_picture)

    def show(self, collection: Collection, row: int) -> Shown:
        """Item `row` as a reader meets it."""
        text = collection.payloads.text(row) or "" if collection.kind is Kind.TEXT else ""
        return Shown(
            title=str(collection.titles[row]),
            about=", ".join(self._about(collection, row)),
            picture=self._picture(collection, row) if collection.kind is Kind.IMAGE else "",
            text=text if len(text) <= _WORDS else text[:_WORDS].rsplit(" ", 1)[0] + " …",
        )

    def _about(self, collection: Collection, row: int) -> list[str]:
        label = int(collection.labels[row])
        told = [self._classes[label]] if label >= 0 else []
        if collection.groups is not None and collection.groups[row] >= 0:
            told.append(collection.group_names[int(collection.groups[row])])
        return told


def _picture(collection: Collection, row: int) -> str:
    try:
        content = collection.payloads.picture(row)
    except DataError:  # a missing picture must not cost the report
        return ""
    return thumbnail(content) if content else ""
