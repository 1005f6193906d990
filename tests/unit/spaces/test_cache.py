from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from xview.arrays import AnyArray
from xview.data.cache import cache_folder
from xview.spaces.cache import cached


class Maker:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Mapping[str, AnyArray]:
        self.calls += 1
        return {"map": np.arange(6, dtype=np.float16).reshape(3, 2).T, "rows": np.array([4, 5])}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_second_time_is_read_back_equal(folder: Path) -> None:
    make = Maker()
    first, second = cached("umap k=15", make), cached("umap k=15", make)
    assert make.calls == 1
    for name in ("map", "rows"):
        np.testing.assert_array_equal(first[name], second[name])
        assert first[name].dtype == second[name].dtype


def test_keys_that_look_alike_as_file_names_are_kept_apart(folder: Path) -> None:
    long = "x" * 200
    for key in ("a/b", "a:b", "a-b", long, long + "y"):
        make = Maker()
        cached(key, make)
        assert make.calls == 1
    assert len(list(folder.iterdir())) == 5


def test_a_damaged_file_is_made_again(folder: Path) -> None:
    make = Maker()
    cached("k", make)
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:20])
    np.testing.assert_array_equal(cached("k", make)["rows"], [4, 5])
    cached("k", make)
    assert make.calls == 2


def test_a_failed_make_leaves_nothing(folder: Path) -> None:
    def fail() -> Mapping[str, AnyArray]:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        cached("k", fail)
    assert not folder.exists()


def test_a_cache_that_cannot_be_written_loses_no_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "file" / "cache"))
    with caplog.at_level(logging.WARNING):
        arrays = cached("k", Maker())
    np.testing.assert_array_equal(arrays["rows"], [4, 5])
    assert "XVIEW_CACHE" in caplog.text


def test_without_the_variable_the_users_folder_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XVIEW_CACHE", raising=False)
    assert "xview" in cache_folder().parts
