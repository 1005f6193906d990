from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from xview.errors import DataError
from xview.models.weights import check_sha256, read_weights

STATE = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}


def test_the_released_file_passes_and_any_other_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(b"released")
    check_sha256(path, hashlib.sha256(b"released").hexdigest(), "pack==1")
    path.write_bytes(b"releasee")
    with pytest.raises(DataError, match=r"w\.pth: not the released weights .*--force-reinstall pack==1"):
        check_sha256(path, hashlib.sha256(b"released").hexdigest(), "pack==1")
    with pytest.raises(DataError, match=r"none\.pth"):
        check_sha256(tmp_path / "none.pth", "00", "pack==1")


@pytest.mark.parametrize("form", ["safetensors", "plain", "state_dict", "model"])
def test_every_usual_form_of_a_checkpoint_is_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / ("w.safetensors" if form == "safetensors" else "w.pth")
    if form == "safetensors":
        save_file(STATE, path)
    else:
        torch.save(STATE if form == "plain" else {form: STATE, "epoch": 3}, path)
    found = read_weights(path)
    assert set(found) == set(STATE)
    torch.testing.assert_close(found["weight"], STATE["weight"])


class Bomb:
    """Makes a folder if it is ever unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def test_a_checkpoint_that_would_run_code_is_refused_and_runs_none(tmp_path: Path) -> None:
    torch.save({"weight": Bomb(tmp_path / "mark")}, tmp_path / "w.pth")
    with pytest.raises(DataError, match=r"w\.pth.*safetensors"):
        read_weights(tmp_path / "w.pth")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_damaged_and_empty_files_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    (save_file(STATE, path) if name.endswith("s") else torch.save(STATE, path))
    for content in (path.read_bytes()[:50], b"", b"\0" * 64):
        path.write_bytes(content)
        with pytest.raises(DataError, match=name.replace(".", r"\.")):
            read_weights(path)


def test_a_file_of_other_things_is_no_checkpoint(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "w.pth")
    with pytest.raises(DataError, match="state_dict"):
        read_weights(tmp_path / "w.pth")
