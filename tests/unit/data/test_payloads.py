from __future__ import annotations

import io
import struct
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.data import files
from tests.unit.data.files import memory_limit
from xview.arrays import AnyArray
from xview.data.payloads import (
    MAX_PICTURE_BYTES,
    ArrayPictures,
    FilePictures,
    ItemPayloads,
    LazyPixels,
    ZipPictures,
    checked_picture,
)
from xview.errors import DataError


def test_items_have_pictures_texts_both_or_neither(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(files.picture())
    both = ItemPayloads(FilePictures(tmp_path, ["a.png", ""], tmp_path), ["a cat", ""])
    assert (both.picture(0), both.text(0)) == (files.picture(), "a cat")
    assert (both.picture(1), both.text(1)) == (None, None)
    neither = ItemPayloads()
    assert (neither.picture(0), neither.text(0)) == (None, None)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_pictures_come_out_as_they_were_written(kind: str, tmp_path: Path) -> None:
    data = files.picture(kind=kind)
    (tmp_path / "a").write_bytes(data)
    assert FilePictures(tmp_path, ["a"], tmp_path).read(0) == data


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is no picture xview can read"),
        (b"hello, no picture", "is no picture xview can read"),
        (files.picture()[:20], "is no picture xview can read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is no picture xview can read"),
        (files.png_header(9_000, 9_000), "9000 x 9000 pixels are more than 64,000,000; scale"),
        (files.png_header(12_000, 12_000), "refused|scale"),
        (files.png_header(2**31 - 1, 2**31 - 1), "refused"),
    ],
)
def test_what_nobody_should_decode_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(DataError, match=f"where.png: .*({told})"), memory_limit(5 << 20):
        checked_picture(data, "where.png")


def test_a_file_too_large_for_a_picture_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.write(files.picture())
        file.truncate(500_000_000)  # sparse
    with (
        pytest.raises(DataError, match=r"500,000,000 bytes are more than a picture may"),
        memory_limit(5 << 20),
    ):
        FilePictures(tmp_path, ["a.png"], tmp_path).read(0)


def test_a_missing_picture_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone.png: no such file"):
        FilePictures(tmp_path, ["gone.png"], tmp_path).read(0)


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for i, name in enumerate(names):
            out.writestr(name, files.picture((i % 256, 0, 0), size=(40, 40)))
    return path


def test_pictures_in_an_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "p.zip", "a/0.png", "a/1.png")
    pictures = ZipPictures(path, ["a/1.png", r"a\0.png", "", "a/2.png"], tmp_path / "items.csv")
    assert pictures.read(0) == files.picture((1, 0, 0), size=(40, 40))
    assert pictures.read(1) == files.picture((0, 0, 0), size=(40, 40))
    assert pictures.read(2) is None
    with pytest.raises(DataError, match=r"p.zip: holds no 'a/2.png', which .*items.csv names"):
        pictures.read(3)


def test_an_archive_is_not_opened_before_somebody_looks(tmp_path: Path) -> None:
    pictures = ZipPictures(tmp_path / "later.zip", ["0.png"], tmp_path)
    archive(tmp_path / "later.zip", "0.png")
    assert pictures.read(0) is not None


def test_members_that_climb_out_or_lie_about_their_size_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "p.zip", "../evil.png", "bomb.png")
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    for size, told in (
        (500_000_000, "more than a picture may have"),
        (60_000_000, "promises 60,000,000 bytes"),
    ):
        raw[at + 24 : at + 28] = struct.pack("<I", size)
        path.write_bytes(raw)
        with pytest.raises(DataError, match=told), memory_limit(5 << 20):
            ZipPictures(path, ["bomb.png"], tmp_path).read(0)
    with pytest.raises(DataError, match="leads out of"):
        ZipPictures(path, ["../evil.png"], tmp_path).read(0)


def test_a_true_bomb_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("bomb.png", b"\0" * (MAX_PICTURE_BYTES + 1))
    with pytest.raises(DataError, match="more than a picture may have"), memory_limit(5 << 20):
        ZipPictures(tmp_path / "p.zip", ["bomb.png"], tmp_path).read(0)


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(archive(tmp_path / "whole.zip", "0.png").read_bytes()[:-30])
    with pytest.raises(DataError, match=r"p.zip: is cut off, damaged"):
        ZipPictures(tmp_path / "p.zip", ["0.png"], tmp_path).read(0)


def test_an_archive_is_read_from_many_threads_at_once(tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(120)]
    pictures = ZipPictures(archive(tmp_path / "p.zip", *names), names, tmp_path)
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(pictures.read, [row for row in range(120) for _ in range(4)]))
    expected = [files.picture((row, 0, 0), size=(40, 40)) for row in range(120)]
    assert read == [data for data in expected for _ in range(4)]


def decoded(data: bytes | None) -> AnyArray:
    assert data is not None
    return np.asarray(Image.open(io.BytesIO(data)))


def test_arrays_become_pictures_without_loss_and_are_loaded_once() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (5, 6, 4), dtype=np.uint8)
    rgb = rng.integers(0, 256, (6, 4, 3, 3), dtype=np.uint8).transpose(3, 0, 1, 2)  # MATLAB's order
    loads: list[str] = []
    waiting = threading.Barrier(4)

    def load() -> AnyArray:
        loads.append("grey")
        return grey

    pictures = ArrayPictures([LazyPixels(5, load), LazyPixels(3, lambda: rgb)])
    assert loads == []

    def read(row: int) -> bytes | None:
        waiting.wait()
        return pictures.read(row)

    with ThreadPoolExecutor(4) as pool:
        for row, data in enumerate(pool.map(read, range(8))):
            np.testing.assert_array_equal(decoded(data), grey[row] if row < 5 else rgb[row - 5])
    assert loads == ["grey"]
