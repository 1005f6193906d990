"""Encoders by name: what turns pictures and texts into vectors. Listing them imports no torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from xview.arrays import Floats
from xview.data.records import Kind
from xview.errors import DataError, SettingError, nearest_name

OnBatch = Callable[[int, int], None]  # items done, items in all


def ignore(_done: int, _total: int) -> None:
    """Report to nobody."""


class PayloadError(DataError):
    """One payload cannot be encoded; `position` says which of those given."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What is known of an encoder before it is loaded.

    Attributes:
        name: What `load` takes, such as "efficientnet-lite0" or "timm:resnet50".
        kind: The payloads it takes, `Kind.IMAGE` (bytes of picture files) or `Kind.TEXT` (str).
        dimension: d of its vectors, or None where only the loaded network can say.
        source: Who made it and under which licence.
    """

    name: str
    kind: Kind
    dimension: int | None
    source: str


class Encoder(Protocol):
    """A loaded encoder."""

    @property
    def info(self) -> EncoderInfo:
        """What it was loaded as."""

    def encode(self, payloads: Sequence[bytes | str], on_batch: OnBatch = ignore) -> Floats:
        """(n, d) float32 vectors as the network gives them, not normalised; rows follow the payloads.

        `payloads` may be lazy: it is read once, in order, a batch at a time.

        Raises:
            PayloadError: A payload is no picture that can be decoded, or of the wrong type.
        """


IMAGE_DEFAULT = "efficientnet-lite0"
TEXT_DEFAULT = "all-minilm-l6-v2"

_BUILT_IN = {
    info.name: info
    for info in (
        EncoderInfo(IMAGE_DEFAULT, Kind.IMAGE, 1280, "Tan and Le 2019, TensorFlow weights, Apache-2.0"),
        EncoderInfo(TEXT_DEFAULT, Kind.TEXT, 384, "sentence-transformers, Apache-2.0"),
    )
}
FAMILIES = {
    "timm": (Kind.IMAGE, "an image backbone of timm"),
    "torchvision": (Kind.IMAGE, "an image backbone of torchvision"),
    "open_clip": (Kind.IMAGE, "the image side of an open_clip model"),
    "open_clip-text": (Kind.TEXT, "the text side of an open_clip model"),
    "sentence-transformers": (Kind.TEXT, "a sentence-transformers model or local folder"),
}
ENCODERS = tuple(_BUILT_IN.values())  # those that work without a network


def find(name: str) -> EncoderInfo:
    """Look an encoder up: a built-in name, or FAMILY:MODEL, or FAMILY:MODEL@CHECKPOINT with a local file.

    Raises:
        SettingError: The name is neither; the message says what would be.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    family, colon, model = name.partition(":")
    if family in FAMILIES and model:
        kind, source = FAMILIES[family]
        return EncoderInfo(name, kind, None, source)
    hint = f"; {family} needs a model, as in {family}:MODEL" if family in FAMILIES else ""
    hint = hint or nearest_name(name if not colon else family, [*_BUILT_IN, *FAMILIES])
    raise SettingError(
        f"no encoder {name!r}{hint} (built in: {', '.join(_BUILT_IN)}; online: "
        f"{', '.join(f'{family}:MODEL' for family in FAMILIES)})"
    )


def load(name: str) -> Encoder:
    """Load an encoder's weights. This imports torch: not for the window's process.

    Raises:
        SettingError: Unknown name.
        MissingExtraError: Its packages are not installed; the message names the command that installs them.
        DataError: Its weights are damaged or are not what was released.
    """
    info = find(name)
    module = "image_encoders" if info.kind is Kind.IMAGE else "text_encoders"
    encoder: Encoder = importlib.import_module(f"xview.models.{module}").load(info)
    return encoder
