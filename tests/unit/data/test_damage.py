"""Damaged files end in a plain error or a correct read: never another exception, never a huge allocation."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data import files
from tests.unit.data.files import memory_limit
from xview.arrays import AnyArray
from xview.data.open import open_dataset
from xview.data.records import Dataset
from xview.data.vectors import read_vectors
from xview.errors import XViewError

LIMIT = 30 << 20
X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
# h5py and pyarrow run C++ on what they are given; damage inside those files is theirs to find
OURS = [name for name in files.VECTORS if not name.endswith((".h5", ".parquet")) and name != "v73.mat"]


def read_or_refuse(path: Path) -> AnyArray | None:
    try:
        return read_vectors(path)
    except XViewError as error:
        told = str(error)
    assert told.startswith(str(path)) and "\n" not in told
    return None


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    """Their own allocations at import are not the reader's."""
    import h5py  # noqa: F401
    import safetensors  # noqa: F401


@pytest.mark.parametrize("name", files.VECTORS)
def test_a_file_cut_off_anywhere_is_refused_or_read_right(name: str, tmp_path: Path) -> None:
    whole, cut = tmp_path / name, tmp_path / f"cut-{name}"
    files.VECTORS[name](whole, X)
    content = whole.read_bytes()
    with memory_limit(LIMIT):
        for length in range(0, len(content), max(1, len(content) // 80)):
            cut.write_bytes(content[:length])
            read = read_or_refuse(cut)
            if read is not None and name.endswith(".csv"):
                # A table cut between rows, or inside a number, is a table
                whole_rows = read[:-1]
                np.testing.assert_array_equal(whole_rows, X[: len(whole_rows), : read.shape[1]])
            elif read is not None:
                np.testing.assert_array_equal(read, X)


@pytest.mark.parametrize("name", OURS)
def test_a_file_with_wrong_bytes_is_refused_or_read(name: str, tmp_path: Path) -> None:
    whole, wrong = tmp_path / name, tmp_path / f"wrong-{name}"
    files.VECTORS[name](whole, X)
    content = whole.read_bytes()
    rng = random.Random(0)
    with memory_limit(LIMIT):
        for _ in range(120):
            damaged = bytearray(content)
            for _ in range(rng.randint(1, 4)):
                damaged[rng.randrange(len(damaged))] = rng.choice(
                    [0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)]
                )
            wrong.write_bytes(damaged)
            read = read_or_refuse(wrong)
            assert read is None or (read.ndim == 2 and np.isfinite(read).all())


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".mat", ".h5", ".csv", ".parquet", ".safetensors", ""])
def test_noise_is_refused(suffix: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    starts = (
        b"",
        b"\x93NUMPY\x01\0",
        b"PK\x03\x04",
        b"PAR1",
        b"\x89HDF\r\n\x1a\n",
        b"\x1f\x8b\x08",
        b"\0\0\x08\x03",
    )
    for start in starts:
        (tmp_path / f"x{suffix}").write_bytes(start + rng.bytes(3000))
        with memory_limit(LIMIT), pytest.raises(XViewError):
            open_dataset(tmp_path / f"x{suffix}")


def look(dataset: Dataset) -> None:
    """Read everything there is to see."""
    for collection in dataset.collections.values():
        for row in range(len(collection)):
            collection.payloads.picture(row)


def mnist(folder: Path, suffix: str) -> None:
    pictures = np.arange(5 * 4 * 4).reshape(5, 4, 4)
    files.idx(folder / f"train-images-idx3-ubyte{suffix}", pictures)
    files.idx(folder / f"train-labels-idx1-ubyte{suffix}", np.arange(5))


def svhn(folder: Path, packed: bool) -> None:
    pictures = np.arange(3 * 8 * 8 * 3).reshape(3, 8, 8, 3).astype(np.uint8)
    files.svhn(folder / "train_32x32.mat", pictures, np.arange(3), packed=packed)


def toml(folder: Path) -> None:
    np.save(folder / "x.npy", X)
    (folder / "items.csv").write_text("id,label,path\n" + "\n".join(f"{i},a,{i}.png" for i in range(6)))
    for i in range(6):
        (folder / f"{i}.png").write_bytes(files.picture())
    (folder / "dataset.toml").write_text(
        '[modalities.images]\nitems = "items.csv"\n[spaces.own]\nimages = "x.npy"\nmade_by = {seed = 3}\n'
    )


@pytest.mark.parametrize(
    "build",
    [
        lambda folder: mnist(folder, ""),
        lambda folder: mnist(folder, ".gz"),
        lambda folder: svhn(folder, True),
        lambda folder: svhn(folder, False),
        toml,
    ],
    ids=["idx", "idx.gz", "svhn", "svhn plain", "toml"],
)
def test_a_data_set_with_a_file_cut_off_is_refused_or_read(
    build: Callable[[Path], None], tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    build(whole)
    refusals = []
    with memory_limit(LIMIT):
        for file in sorted(whole.iterdir())[-2:]:
            content = file.read_bytes()
            cut = tmp_path / "cut"
            shutil.copytree(whole, cut)
            for length in range(0, len(content), max(1, len(content) // 40)):
                (cut / file.name).write_bytes(content[:length])
                try:
                    look(open_dataset(cut))
                except XViewError as error:
                    refusals.append(str(error))
            shutil.rmtree(cut)
    assert refusals and all(str(tmp_path) in told for told in refusals)
