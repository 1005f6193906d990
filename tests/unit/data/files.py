"""One small array in every format xview reads, and pictures of any size."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from xview.arrays import AnyArray


@contextmanager
def memory_limit(limit: int) -> Iterator[None]:
    """Fail when Python and NumPy together take more than `limit` bytes at once, even for a moment."""
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < limit, f"{peak:,} bytes were allocated"


def npy(path: Path, array: AnyArray) -> None:
    np.save(path, array)


def npz(path: Path, array: AnyArray) -> None:
    np.savez(path, features=array, names=np.array(["a", "b"]))


def npz_packed(path: Path, array: AnyArray) -> None:
    np.savez_compressed(path, features=array)


def mat(path: Path, array: AnyArray) -> None:
    from scipy.io import savemat

    savemat(path, {"features": array, "about": {"who": "me"}, "rate": 0.5})


def mat_packed(path: Path, array: AnyArray) -> None:
    from scipy.io import savemat

    savemat(path, {"features": array}, do_compression=True)


def hdf5(path: Path, array: AnyArray) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["group/features"] = array


def hdf5_packed(path: Path, array: AnyArray) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=array, compression="gzip", shuffle=True)


def mat73(path: Path, array: AnyArray) -> None:
    """As MATLAB writes it: 512 bytes of its own first, arrays back to front."""
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        file["features"] = np.ascontiguousarray(array.T)
        file["features"].attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def safetensors(path: Path, array: AnyArray) -> None:
    from safetensors.numpy import save_file

    save_file({"features": np.ascontiguousarray(array)}, path)


def csv(path: Path, array: AnyArray) -> None:
    lines = [",".join(repr(float(value)) for value in row) for row in array]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def csv_with_header(path: Path, array: AnyArray) -> None:
    header = "id,label," + ",".join(f"x{i}" for i in range(array.shape[1]))
    rows = [f'"item {i}",cat,' + ",".join(repr(float(v)) for v in row) for i, row in enumerate(array)]
    path.write_text("\n".join([header, *rows]), encoding="utf-8")


def parquet(path: Path, array: AnyArray) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    columns = {f"x{i}": array[:, i] for i in range(array.shape[1])}
    pq.write_table(pa.table({"id": [f"item {i}" for i in range(len(array))], **columns}), path)


def parquet_lists(path: Path, array: AnyArray) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    pq.write_table(pa.table({"label": ["a"] * len(array), "vector": list(array)}), path)


VECTORS: dict[str, Callable[[Path, AnyArray], None]] = {
    "plain.npy": npy,
    "plain.npz": npz,
    "packed.npz": npz_packed,
    "plain.mat": mat,
    "packed.mat": mat_packed,
    "plain.h5": hdf5,
    "packed.h5": hdf5_packed,
    "v73.mat": mat73,
    "plain.safetensors": safetensors,
    "plain.csv": csv,
    "header.csv": csv_with_header,
    "columns.parquet": parquet,
    "lists.parquet": parquet_lists,
}


def idx(path: Path, array: AnyArray) -> None:
    """An IDX file of bytes, gzipped where the name says so."""
    data = (
        struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    )
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def svhn(path: Path, pictures: AnyArray, labels: AnyArray, *, packed: bool = True) -> None:
    """(n, h, w, 3) pictures and digits, 0 written as 10, as SVHN was released."""
    from scipy.io import savemat

    released = {"X": np.moveaxis(pictures, 0, -1), "y": np.where(labels == 0, 10, labels)[:, None]}
    savemat(path, released, do_compression=packed)


def picture(
    colour: tuple[int, int, int] = (200, 30, 30), *, size: tuple[int, int] = (4, 3), kind: str = "PNG"
) -> bytes:
    """An encoded picture of one colour."""
    packed = io.BytesIO()
    Image.new("RGB", size, colour).save(packed, kind)
    return packed.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )
