"""Backbones by name, from timm, torchvision and open_clip (the `images` extra).

MODEL downloads released weights on first use. MODEL@FILE reads a local checkpoint instead, never unpickling
it; for open_clip what follows the @ may also be the name of a released set of weights.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from xview.arrays import Floats
from xview.errors import DataError, MissingExtraError
from xview.models.weights import read_weights

Transform: TypeAlias = Callable[[Image.Image], Tensor]
Features: TypeAlias = Callable[[Tensor], Tensor]


def images(family: str, name: str) -> tuple[Transform, Features]:
    """What prepares a picture for a backbone and what turns a batch of them into features.

    Raises:
        MissingExtraError: The family's package is not installed, or does not run with this torch.
        DataError: No such model, no network, or weights that do not fit.
    """
    model, _, weights = name.partition("@")
    package = _package(family)
    with _told(family, model):
        return {"timm": _timm, "torchvision": _torchvision, "open_clip": _open_clip}[family](
            package, model, weights
        )


def open_clip_texts(name: str) -> Callable[[list[str]], Floats]:
    """The text side of an open_clip model; errors as in `images`."""
    model, _, weights = name.partition("@")
    package = _package("open_clip")
    with _told("open_clip", model):
        network, _ = _open_clip_model(package, model, weights)
        tokens = package.get_tokenizer(model)

    @torch.inference_mode()
    def vectors(texts: list[str]) -> Floats:
        return np.asarray(network.encode_text(tokens(texts)).float().cpu().numpy(), dtype=np.float32)

    return vectors


def _timm(package: Any, model: str, weights: str) -> tuple[Transform, Features]:
    network = package.create_model(model, pretrained=not weights, num_classes=0)
    transform = package.data.create_transform(**package.data.resolve_model_data_config(network))
    return transform, _ready(network, weights)


def _torchvision(package: Any, model: str, weights: str) -> tuple[Transform, Features]:
    released = package.models.get_model_weights(model).DEFAULT
    network = package.models.get_model(model, weights=None if weights else released)
    linear = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise DataError(f"torchvision's {model} ends in no linear classifier, so it gives no features")
    owner, _, classifier = linear[-1].rpartition(".")
    setattr(network.get_submodule(owner), classifier, nn.Identity())
    return released.transforms(), _ready(network, weights)


def _open_clip(package: Any, model: str, weights: str) -> tuple[Transform, Features]:
    network, transform = _open_clip_model(package, model, weights)
    return transform, network.encode_image


def _open_clip_model(package: Any, model: str, weights: str) -> tuple[Any, Transform]:
    local = Path(weights).is_file()
    tags = [weights] if weights else package.list_pretrained_tags_by_model(model)
    if not tags:
        raise DataError(f"open_clip has no released weights for {model!r}; name a file as {model}@FILE")
    network, _, transform = package.create_model_and_transforms(model, pretrained=None if local else tags[0])
    _ready(network, weights if local else "")
    return network, transform


def _ready(network: nn.Module, checkpoint: str) -> nn.Module:
    """Fill the network from a local checkpoint, if one is given, and set it to evaluation.

    A checkpoint may hold more than the network, such as the classifier it was trained with.
    """
    if checkpoint:
        absent = network.load_state_dict(read_weights(Path(checkpoint)), strict=False).missing_keys
        if absent:
            raise DataError(
                f"{checkpoint}: lacks {len(absent)} of the network's tensors, such as {absent[0]}"
            )
    return network.requires_grad_(False).eval()


def _package(family: str) -> Any:
    try:
        return importlib.import_module(family)
    except ImportError as error:
        raise MissingExtraError(
            f'{error.name or family} is not installed; install it with `pip install "xview[images]"`'
        ) from error
    except RuntimeError as error:  # torchvision built for another torch
        raise MissingExtraError(
            f"{family} does not run with torch {torch.__version__} ({error}); "
            "install the torchvision that belongs to it"
        ) from error


@contextmanager
def _told(family: str, model: str) -> Iterator[None]:
    """What goes wrong inside a package, in one line."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, LookupError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{family} cannot load {model!r}: {reason}") from error
