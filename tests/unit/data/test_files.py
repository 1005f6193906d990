from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data import files
from xview.data.files import (
    FileKind,
    inside,
    kind_of,
    kind_of_bytes,
    plainly,
    read_lines,
    read_text,
    relative_parts,
)
from xview.errors import DataError

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FileKind.EMPTY),
        (b"\x93NUMPY\x01\x00", FileKind.NPY),
        (b"PK\x03\x04abc", FileKind.ZIP),
        (b"PAR1\x15\x04", FileKind.PARQUET),
        (b"\x89HDF\r\n\x1a\n", FileKind.HDF5),
        (b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n", FileKind.HDF5),
        (b"MATLAB 5.0 MAT-file, by Octave".ljust(124) + b"\x00\x01IM", FileKind.MAT5),
        (b"\x00\x00\x08\x03\x00\x00\xea\x60", FileKind.IDX),
        (b"\x1f\x8b\x08\x00", FileKind.GZIP),
        (b"@\0\0\0\0\0\0\0" + b'{"x":', FileKind.SAFETENSORS),
        (files.picture(kind="PNG"), FileKind.PICTURE),
        (files.picture(kind="JPEG"), FileKind.PICTURE),
        (files.picture(kind="WEBP"), FileKind.PICTURE),
        (files.picture(kind="GIF"), FileKind.PICTURE),
        (files.picture(kind="BMP"), FileKind.PICTURE),
        (files.picture(kind="TIFF"), FileKind.PICTURE),
        (files.picture(kind="PPM"), FileKind.PICTURE),
        (b"\x80\x04\x95\x00", FileKind.PICKLE),
        (b"BM is how this text begins", FileKind.TEXT),
        ("Größe,π\n".encode(), FileKind.TEXT),
        ("Größe\n".encode("utf-16"), FileKind.UTF16),
        (b"\x00\x01\x02\x03", FileKind.OTHER),
    ],
)
def test_content_tells_what_a_file_is(content: bytes, kind: FileKind, tmp_path: Path) -> None:
    (tmp_path / "file.any").write_bytes(content)
    assert kind_of(tmp_path / "file.any") is kind


@given(st.binary(max_size=64))
def test_any_bytes_have_a_kind(content: bytes) -> None:
    assert kind_of_bytes(content) in FileKind


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a/b.png", ("a", "b.png")),
        (r"a\b.png", ("a", "b.png")),
        ("./a//b.png", ("a", "b.png")),
        ("a b/ü.png", ("a b", "ü.png")),
        ("...", ("...",)),
        ("a:b.png", None),
        ("ab:c.png", ("ab:c.png",)),
        ("", ()),
        (".", ()),
        ("..", None),
        ("a/../../b", None),
        (r"..\b", None),
        ("/etc/passwd", None),
        (r"\b", None),
        (r"\\server\share\b", None),
        (r"C:\b", None),
        ("c:b", None),
        ("a\0b", None),
    ],
)
def test_relative_paths_of_every_system(name: str, parts: tuple[str, ...] | None) -> None:
    assert relative_parts(name) == parts


@given(st.text(st.sampled_from("ab./\\:~"), max_size=12))
def test_no_relative_path_climbs_out(name: str) -> None:
    parts = relative_parts(name)
    if parts is not None:
        root = os.path.abspath(os.path.join(os.sep, "root", "data"))  # noqa: PTH100, PTH118 - an oracle
        reached = os.path.abspath(os.path.join(root, *parts))  # noqa: PTH100, PTH118
        assert os.path.commonpath([root, reached]) == root


def test_links_may_lead_about_in_the_folder_but_not_out_of_it(tmp_path: Path) -> None:
    folder, said_in = tmp_path / "data", tmp_path / "data" / "items.csv"
    folder.mkdir()
    (folder / "real.txt").write_text("in")
    (tmp_path / "secret.txt").write_text("out")
    try:
        (folder / "near").symlink_to(folder / "real.txt")
        (folder / "far").symlink_to(tmp_path / "secret.txt")
        (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert inside(folder, "near", said_in).read_text() == "in"
    for name in ("far", "up/secret.txt", "../secret.txt", str(tmp_path / "secret.txt")):
        with pytest.raises(DataError, match=r"items.csv: the path .* leads out of"):
            inside(folder, name, said_in)
    # The folder itself may be reached over a link
    (tmp_path / "door").symlink_to(folder, target_is_directory=True)
    assert inside(tmp_path / "door", "real.txt", said_in).read_text() == "in"


def test_text_drops_the_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfcat \r\n\r\nd\xc3\xb6g\r\n\r\n")
    assert read_lines(tmp_path / "a.txt") == ["cat", "", "dög"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"caf\xe9", r"is not UTF-8 text \(byte 3\)"), (files.picture(), "is a picture, not text")],
)
def test_what_is_no_text_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=told):
        read_text(tmp_path / "a.txt")


def test_errors_that_are_ours_are_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(AttributeError), plainly(tmp_path):
        raise AttributeError("a bug")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.npy")
    with pytest.raises(DataError, match="is not a plain file"):
        kind_of(tmp_path / "x.npy")


@pytest.mark.skipif(os.name == "nt", reason="permissions are told otherwise on Windows")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_read_is_told(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x.csv").write_text("1,2\n3,4\n")
    target = folder if what == "folder" else folder / "x.csv"
    target.chmod(0)
    code = (
        "import sys\nfrom xview.data.open import open_dataset\nfrom xview.errors import DataError\n"
        "if len(sys.argv) > 2:\n    import os; os.setgid(65534); os.setuid(65534)\n"
        "try: open_dataset(sys.argv[1])\nexcept DataError as error: print(error)\n"
    )
    try:
        # Root may read everything, so it steps down first; and others must be let through its folders
        for parent in target.parents if ROOT else ():
            if str(parent).startswith(str(tmp_path.parent.parent)):
                parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
        done = subprocess.run(
            [sys.executable, "-c", code, str(target), *(["nobody"] if ROOT else [])],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        target.chmod(0o700)
    assert done.stdout == f"{target}: may not be read; check its permissions\n"
