from __future__ import annotations

import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data import files
from tests.unit.data.files import memory_limit
from xview.arrays import AnyArray
from xview.data.vectors import find_vectors, read_labels, read_vectors
from xview.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 5)).astype(np.float32)


@pytest.mark.parametrize("name", files.VECTORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_every_format_gives_the_values_that_were_written(name: str, dtype: type, tmp_path: Path) -> None:
    written: AnyArray = (X * 100).astype(dtype)
    files.VECTORS[name](tmp_path / name, written)
    assert find_vectors(tmp_path / name).shape == (7, 5)
    read = read_vectors(tmp_path / name)
    assert read.dtype.kind == "f" and read.dtype.isnative
    np.testing.assert_array_equal(read, written)


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8"])
def test_npy_is_mapped_and_keeps_its_precision(dtype: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X.astype(dtype))
    read = read_vectors(tmp_path / "x.npy")
    assert isinstance(read, np.memmap) and read.dtype == np.dtype(dtype) and not read.flags.writeable


@pytest.mark.parametrize("dtype", [">f4", ">f8", "u1", "i8", "?", np.longdouble])
def test_other_numbers_become_native_floats(dtype: str, tmp_path: Path) -> None:
    written: AnyArray = np.abs(X * 3).astype(dtype)
    np.save(tmp_path / "x.npy", written)
    read = read_vectors(tmp_path / "x.npy")
    assert read.dtype in (np.float32, np.float64) and read.dtype.isnative
    np.testing.assert_array_equal(read, written)


def test_column_order_on_disk_does_not_matter(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.asfortranarray(X))
    np.savez(tmp_path / "x.npz", a=np.asfortranarray(X))
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.npy"), X)
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.npz"), X)


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", a=X)
    (tmp_path / "x.npz").rename(tmp_path / "x.npy")
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.npy"), X)


def test_a_key_picks_an_array_and_several_need_one(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    np.savez(path, images=X, texts=X + 1, ids=np.arange(7))
    np.testing.assert_array_equal(read_vectors(path, "texts"), X + 1)
    with pytest.raises(DataError, match=r"several arrays, 'images' \(7 x 5 numbers\), 'texts'.*with a key"):
        read_vectors(path)
    with pytest.raises(DataError, match=r"no array 'text' \(known: 'images'"):
        read_vectors(path, "text")
    with pytest.raises(DataError, match="expected vectors as rows of a matrix"):
        read_vectors(path, "ids")


def test_the_only_matrix_is_found_beside_columns_of_labels(tmp_path: Path) -> None:
    from scipy.io import savemat

    savemat(tmp_path / "x.mat", {"y": np.arange(7)[:, None], "fts": X, "rate": 3.0})
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.mat"), X)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "name", ["plain.npy", "packed.npz", "plain.mat", "plain.csv", "columns.parquet", "plain.h5"]
)
def test_a_value_that_is_not_finite_is_named(name: str, value: float, tmp_path: Path) -> None:
    broken = X.copy()
    broken[4, 2] = value
    files.VECTORS[name](tmp_path / name, broken)
    with pytest.raises(DataError, match=rf"{name}: row 4, column 2 is {value}"):
        read_vectors(tmp_path / name)


def test_a_bad_value_is_found_in_the_last_block_of_a_long_file(tmp_path: Path) -> None:
    long = np.zeros((700_000, 7), dtype=np.float16)
    long[-1, 3] = np.inf
    np.save(tmp_path / "x.npy", long)
    with pytest.raises(DataError, match="row 699999, column 3 is inf"):
        read_vectors(tmp_path / "x.npy")


@pytest.mark.parametrize("shape", [(0, 5), (7, 0), (7,), (), (2, 3, 4)])
def test_what_is_no_matrix_of_rows_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(shape))
    with pytest.raises(DataError, match=r"x.npy: (holds no vectors|expected vectors as rows)"):
        read_vectors(tmp_path / "x.npy")


class Trap:
    """Sets off an alarm when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a pickle was opened",))


def test_pickles_are_refused_and_never_opened(tmp_path: Path) -> None:
    traps = np.array([[Trap(), Trap()]], dtype=object)
    np.save(tmp_path / "x.npy", traps)
    np.savez(tmp_path / "x.npz", x=traps)
    (tmp_path / "x.pkl").write_bytes(pickle.dumps(Trap(), protocol=4))
    with zipfile.ZipFile(tmp_path / "x.pt", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    for name in ("x.npy", "x.npz", "x.pkl", "x.pt"):
        for read in (read_vectors, read_labels):
            with pytest.raises(
                DataError, match=rf"{name}.*pickle.*never opens because (they|it) can run code"
            ):
                read(tmp_path / name)


def test_pickled_members_do_not_spoil_an_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=X, meta=np.array([Trap()], dtype=object))
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.npz"), X)


def test_records_and_complex_numbers_are_no_vectors(tmp_path: Path) -> None:
    np.save(tmp_path / "r.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "f4")]))
    np.save(tmp_path / "c.npy", X.astype(complex))
    for name in ("r.npy", "c.npy"):
        with pytest.raises(DataError, match=rf"{name}: expected vectors as rows"):
            read_vectors(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.npy", b"", "this is an empty file"),
        ("x.csv", files.picture(), "this is a picture"),
        ("x.npy", b"%PDF-1.7 ...", "this is a PDF document"),
        ("x.npy", b"1,2\n3,4\n", "this is text"),
        ("x.csv", "1,2\n".encode("utf-16"), "this is UTF-16 text; save it as UTF-8"),
        ("x.parquet", b"PAR1 and no more", "cut off, damaged"),
        ("x.csv", b"PK\x03\x04 and no more", "cut off, damaged"),
        ("x.mat", bytes(range(1, 256)), "of no kind xview knows, or damaged"),
    ],
)
def test_a_mislabelled_file_gets_one_plain_sentence(
    name: str, content: bytes, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    for read in (read_vectors, read_labels):
        if read is read_labels and told == "this is text":
            continue
        with pytest.raises(DataError) as refused:
            read(tmp_path / name)
        message = str(refused.value)
        assert message.startswith(str(tmp_path / name)) and told in message and "\n" not in message


def test_a_zip_without_arrays_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.npy", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(DataError, match="is a zip archive without arrays"):
        read_vectors(tmp_path / "x.npy")


@pytest.mark.parametrize("name", ["nothing.npy", "folder"])
def test_missing_files_and_folders_are_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=r"no such file|is not a plain file"):
        read_vectors(tmp_path / name)


def npy_header(text: str, version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


@pytest.mark.parametrize(
    "header",
    [
        npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (50000, 50000), }"),
        npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999, 9999999999999), }"),
        npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 4), }"),
        npy_header("{'descr': '<U1000000000', 'fortran_order': False, 'shape': (4, 4), }"),
        npy_header("{'descr': '<f4', 'shape': (3, 4), }"),
        npy_header("{'descr': 'unheard', 'fortran_order': False, 'shape': (3, 4), }"),
        npy_header("(" * 5000),
        npy_header("[" * 30000, version=2),
        npy_header("__import__('os').abort()"),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'",
        b"\x93NUMPY",
    ],
)
def test_a_lying_npy_header_is_refused_before_anything_is_allocated(header: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(header + b"\0" * 900)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", header + b"\0" * 900)
    for name in ("x.npy", "x.npz"):
        with pytest.raises(DataError, match=name), memory_limit(20 << 20):
            read_vectors(tmp_path / name)


def test_python_2_headers_are_read(tmp_path: Path) -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (7L, 5L), }"
    (tmp_path / "x.npy").write_bytes(npy_header(text) + X.tobytes())
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.npy"), X)


def test_an_archive_member_cannot_claim_more_than_it_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "x.npy", npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (7, 5), }") + X.tobytes()
        )
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 4_000_000_000)  # size unpacked, in the directory
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"promises 4,000,000,000 bytes"):
        read_vectors(path)


def test_a_damaged_archive_member_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, x=X)
    raw = bytearray(path.read_bytes())
    at = raw.index(X.tobytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DataError, match="damaged"):
        read_vectors(path)


def test_a_matlab_tag_cannot_claim_more_than_the_file_holds(tmp_path: Path) -> None:
    from scipy.io import savemat

    path = tmp_path / "x.mat"
    savemat(path, {"X": X.astype(np.float64)})
    raw = path.read_bytes()
    tag = struct.pack("<II", 9, X.size * 8)
    assert raw.count(tag) == 1
    path.write_bytes(raw.replace(tag, struct.pack("<II", 9, 2_000_000_000)))
    with pytest.raises(DataError, match=r"x.mat"), memory_limit(20 << 20):
        read_vectors(path)
    dims = struct.pack("<IIii", 5, 8, 7, 5)
    path.write_bytes(raw.replace(dims, struct.pack("<IIii", 5, 8, 70_000, 50_000)))
    with pytest.raises(DataError, match="promises 3,500,000,000 values"), memory_limit(20 << 20):
        read_vectors(path)


def test_hdf5_cannot_claim_what_was_never_written(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", shape=(100_000, 30_000), dtype="f4", chunks=(10, 10))
    with pytest.raises(DataError, match="promises 12,000,000,000 bytes"):
        read_vectors(tmp_path / "x.h5")


def test_hdf5_does_not_follow_values_into_other_files(tmp_path: Path) -> None:
    import h5py

    secret = tmp_path / "secret.bin"
    secret.write_bytes(X.tobytes())
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", shape=X.shape, dtype="f4", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
    with pytest.raises(DataError, match="keeps its values in another file"):
        read_vectors(tmp_path / "x.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = X
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["x"] = h5py.ExternalLink("other.h5", "x")
    with pytest.raises(DataError, match=r"link.h5: holds no matrix of numbers"):
        read_vectors(tmp_path / "link.h5")


def test_parquet_cannot_claim_more_rows_than_a_file_can_hold(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    # Run lengths make 20 million equal values a few bytes
    pq.write_table(pa.table({"x": pa.array(np.zeros(20_000_000, dtype=np.float32))}), tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 100_000
    with pytest.raises(DataError, match="promises 160,000,000 bytes"):
        read_vectors(tmp_path / "x.parquet")


def test_bfloat16_names_the_remedy(tmp_path: Path) -> None:
    header = b'{"x":{"dtype":"BF16","shape":[2,2],"data_offsets":[0,8]}}'
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    with pytest.raises(DataError, match="'x' is stored as BF16; save it as F16, F32 or F64"):
        read_vectors(tmp_path / "x.safetensors")


def test_without_h5py_the_extra_is_named(tmp_path: Path) -> None:
    import subprocess
    import sys

    files.hdf5(tmp_path / "x.h5", X)
    code = (
        "import sys; sys.modules['h5py'] = None\n"
        "from pathlib import Path\n"
        "from xview.data.vectors import read_vectors\n"
        "from xview.errors import MissingExtraError\n"
        "try: read_vectors(Path(sys.argv[1]))\n"
        "except MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "x.h5")], capture_output=True, text=True, check=True
    )
    assert "pip install 'xview[hdf5]'" in done.stdout


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("1;2\n3;4", [[1, 2], [3, 4]]),
        ("1\t2\n\n3\t4\n\n", [[1, 2], [3, 4]]),
        ("﻿a,b\n1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("a,b\r\n1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        ('"a","b"\n"1","2"\n', [[1, 2]]),
        (",0,1\n0,5,6\n1,7,8\n", [[5, 6], [7, 8]]),
        ("0,1,2\n0.5,6,7\n1.5,7,8\n", [[0.5, 6, 7], [1.5, 7, 8]]),
        ("0,1\n1,0\n", [[0, 1], [1, 0]]),
        ('id,text,x,y\nq,"a, ""b""\nc",1,2\n', [[1, 2]]),
        ("5\n6\n", [[5], [6]]),
        ("1e3,-2.5E-1", [[1000, -0.25]]),
    ],
)
def test_csv_with_and_without_a_header(text: str, rows: list[list[float]], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode())
    assert find_vectors(tmp_path / "x.csv").shape == (len(rows), len(rows[0]))
    np.testing.assert_array_equal(read_vectors(tmp_path / "x.csv"), rows)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1,2\n3,4,5\n", "line 2 has 3 values but the first line has 2"),
        ("id,x,y\na,1,2\nb,3\n", "line 3 has 2 values but the first line has 3"),
        ("name,x,y\nred,1,2\n", "column 'name' (first 'red' in line 2)"),
        ("1,2\n3,four\n", "column number 1 (first 'four' in line 2)"),
        ("x,y\n1,\n", "column 'y' (first '' in line 2)"),
        ("id,label\na,b\n", "holds no matrix of numbers, only 'id' (1 words), 'label' (1 words)"),
        ("x,y\n", "holds no vectors"),
        ("x,y\n1,1_000\n", "column 'y' (first '1_000' in line 2)"),
        ('1,2\n"3,4\n', "cut off, damaged"),
        ("\n\n", "holds no values"),
    ],
)
def test_csv_faults_name_line_and_column(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_vectors(tmp_path / "x.csv")
    assert told in str(refused.value)


def test_csv_must_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("grün,b\n1,2\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"x.csv: is not UTF-8 text \(byte 2\); save it as UTF-8"):
        read_vectors(tmp_path / "x.csv")


def test_parquet_faults_name_the_column(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    pq.write_table(pa.table({"colour": ["red"], "x": [1.0]}), tmp_path / "words.parquet")
    with pytest.raises(DataError, match="column 'colour' holds no numbers"):
        read_vectors(tmp_path / "words.parquet")
    pq.write_table(pa.table({"v": [[1.0, 2.0], [3.0]]}), tmp_path / "ragged.parquet")
    with pytest.raises(DataError, match="column 'v': the list in row 1 is not 2 long"):
        read_vectors(tmp_path / "ragged.parquet")
    pq.write_table(pa.table({"x": [1.0, None]}), tmp_path / "gap.parquet")
    with pytest.raises(DataError, match="row 1, column 0 is nan"):
        read_vectors(tmp_path / "gap.parquet")


def labels_written(tmp_path: Path) -> dict[str, tuple[Path, list[object]]]:
    from scipy.io import savemat

    words, numbers = ["cat", "dog", "cat", "ünï"], [3, 1, 3, -1]
    found: dict[str, tuple[Path, list[object]]] = {}

    def add(name: str, expected: list[object]) -> Path:
        found[name] = (tmp_path / name, expected)
        return tmp_path / name

    np.save(add("int.npy", [*numbers]), np.array(numbers, dtype=np.int16))
    np.save(add("word.npy", [*words]), np.array(words))
    np.save(add("byte.npy", [*words]), np.array([w.encode() for w in words]))
    np.save(add("row.npy", [*numbers]), np.array(numbers)[None])
    np.save(add("whole.npy", [*numbers]), np.array(numbers, dtype=np.float64))
    np.savez(add("y.npz", [*numbers]), X=X, y=np.array(numbers), other=np.arange(4))
    savemat(add("y.mat", [*numbers]), {"y": np.array(numbers)[:, None], "rate": 2.0})
    savemat(add("cell.mat", [*words]), {"labels": np.array(words, dtype=object), "X": X})
    savemat(add("char.mat", [*words]), {"labels": words})
    add("lines.txt", [*words]).write_text("\n".join(words) + "\n\n", encoding="utf-8")
    add("column.csv", [*words]).write_text("\n".join(words), encoding="utf-8")
    add("named.csv", [*words]).write_text("Label\n" + "\n".join(words), encoding="utf-8")
    table = "id,label\n" + "\n".join(f"{i},{w}" for i, w in enumerate(words))
    add("table.csv", [*words]).write_text(table, encoding="utf-8")
    return found


def test_labels_from_every_kind_of_file(tmp_path: Path) -> None:
    for path, expected in labels_written(tmp_path).values():
        labels = read_labels(path)
        assert labels.tolist() == expected, path.name
        assert labels.dtype == np.int64 or labels.dtype.kind == "U"


def test_labels_from_tables_and_hdf5(tmp_path: Path) -> None:
    import h5py
    import pyarrow as pa
    from pyarrow import parquet as pq

    pq.write_table(pa.table({"x": [0.5, 1.5], "label": ["a", "b"]}), tmp_path / "x.parquet")
    assert read_labels(tmp_path / "x.parquet").tolist() == ["a", "b"]
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["labels"], file["x"] = np.array(["a", "ü"], dtype=object), X
    assert read_labels(tmp_path / "x.h5").tolist() == ["a", "ü"]


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array([0.5, 1.0]), r"label 0.5 in row 0 \(counted from 0\) is no whole number"),
        (np.array([1.0, np.nan]), r"label nan in row 1"),
        (X, "expected one list of labels, found .7 x 5 numbers"),
        (np.array([1j]), "labels must be integers or text"),
        (np.array(["a" * 600]), "a label is longer than 512 characters"),
        (np.array([b"\xff"]), "a label is not UTF-8 text"),
    ],
)
def test_what_is_no_label_is_refused(array: AnyArray, told: str, tmp_path: Path) -> None:
    np.save(tmp_path / "y.npy", array)
    with pytest.raises(DataError, match=told):
        read_labels(tmp_path / "y.npy")


def test_one_long_line_does_not_widen_every_label(tmp_path: Path) -> None:
    (tmp_path / "y.txt").write_text("a\n" * 50_000 + "b" * 200_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"in row 50000 .* longer than 512"), memory_limit(20 << 20):
        read_labels(tmp_path / "y.txt")


def test_several_lists_need_a_key(tmp_path: Path) -> None:
    np.savez(tmp_path / "y.npz", camera=np.arange(4), person=np.arange(4) * 2)
    with pytest.raises(DataError, match=r"found 'camera' .*'person'.* name one with a key"):
        read_labels(tmp_path / "y.npz")
    assert read_labels(tmp_path / "y.npz", "person").tolist() == [0, 2, 4, 6]
