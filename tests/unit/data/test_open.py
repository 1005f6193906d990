from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import xview
from tests.unit.data import files
from xview.data.bundled import bundled, resources
from xview.data.open import READERS, open_dataset, recognise
from xview.data.records import Kind
from xview.errors import DataError
from xview.spaces.space import load_space

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


@pytest.mark.parametrize("name", files.VECTORS)
def test_a_bare_file_of_vectors_is_a_data_set(name: str, tmp_path: Path) -> None:
    files.VECTORS[name](tmp_path / name, X)
    data = open_dataset(str(tmp_path / name))
    stem = Path(name).stem
    assert list(data.collections) == [stem] and data.source == str(tmp_path / name)
    assert data.collection(stem).kind is Kind.VECTOR and len(data.collection(stem)) == 6
    np.testing.assert_array_equal(load_space(data, stem).parts[stem], X)
    assert recognise(tmp_path / name).reader == "array file"


def test_a_table_of_vectors_may_describe_its_items(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "id,label,text,group,split,x,y\na,cat,furry,left,seen,1,2\nb,dog,loyal,right,unseen,3,4\n"
    )
    data = open_dataset(tmp_path / "t.csv")
    t = data.collection("t")
    assert t.kind is Kind.TEXT and t.ids.tolist() == ["a", "b"] and data.classes == ("cat", "dog")
    assert t.payloads.text(1) == "loyal" and t.group_names == ("left", "right")
    assert t.seen is not None and t.seen.tolist() == [True, False]
    assert load_space(data, "t").parts["t"].tolist() == [[1, 2], [3, 4]]


def test_labels_inside_a_container_are_found(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", features=X, y=np.array([2, 2, 1, 0, 0, 1]), other=np.arange(6))
    data = open_dataset(tmp_path / "a.npz")
    assert data.collection("a").labels.tolist() == [2, 2, 1, 0, 0, 1]


def test_loose_arrays_whose_names_fit_are_modalities(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", X)
    np.save(tmp_path / "images_labels.npy", np.array([1, 0, 1, 0, 1, 0]))
    np.save(tmp_path / "texts.npy", X[:3])
    (tmp_path / "texts-labels.csv").write_text("1\n1\n0\n")
    (tmp_path / "readme.txt").write_text("hello")
    data = open_dataset(tmp_path)
    assert {name: len(c) for name, c in data.collections.items()} == {"images": 6, "texts": 3}
    assert data.collection("texts").labels.tolist() == [1, 1, 0]
    assert data.spaces.keys() == {"shared"} and load_space(data, "shared").shared
    assert "All vectors have one width and were taken for one shared space." in data.notes
    np.save(tmp_path / "texts.npy", X[:3, :2])
    data = open_dataset(tmp_path)
    assert data.spaces.keys() == {"images", "texts"}
    assert "Each file was taken for a space of its own." in data.notes


def test_loose_arrays_that_leave_doubt_are_told_how_to_be_described(tmp_path: Path) -> None:
    np.save(tmp_path / "images.npy", X)
    np.save(tmp_path / "labels.npy", np.arange(6))
    with pytest.raises(
        DataError, match=r"not plain which labels belong.*dataset.toml.*\[modalities.images\]"
    ):
        open_dataset(tmp_path)
    (tmp_path / "labels.npy").rename(tmp_path / "image_names.npy")
    with pytest.raises(DataError, match=r"not plain what image_names.npy holds.*dataset.toml"):
        open_dataset(tmp_path)
    (tmp_path / "image_names.npy").unlink()
    np.save(tmp_path / "images_labels.npy", np.arange(5))
    with pytest.raises(
        DataError, match=r"disagree in their number of items: images.npy 6, images_labels.npy 5"
    ):
        open_dataset(tmp_path)


def test_findings_tell_what_is_there_before_vectors_are_read(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("label,group,colour\n" + "cat,left,red\ndog,right,blue\n" * 700)
    np.save(tmp_path / "x.npy", np.full((1400, 3), np.nan))  # a read would refuse these
    (tmp_path / "dataset.toml").write_text(
        '[split]\nunseen = ["dog"]\n[modalities.a]\nitems = "items.csv"\n[spaces.own]\na = "x.npy"\n'
    )
    found = recognise(tmp_path / "dataset.toml")
    assert (found.path, found.reader, found.layout) == (tmp_path, "folder", "a folder with a dataset.toml")
    assert found.sentences == (
        "a: 1,400 vector items of 2 classes in 2 groups, 700 seen and 700 unseen.",
        "2 classes: cat, dog.",
        "Space 'own' over a.",
        "items.csv: column 'colour' was not used.",
    )


def test_what_nobody_recognises_names_the_layouts(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for source, told in ((tmp_path, "this folder has no layout"), (tmp_path / "notes.txt", "this is text")):
        with pytest.raises(DataError, match=told) as error:
            open_dataset(source)
        assert all(reader.layout in str(error.value) for reader in READERS)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", files.picture(), "this is a picture"),
        ("x.npy", b"\x00\x93NU", "of no kind xview knows, or damaged"),
        ("x.npy", b"", "this is an empty file"),
        ("x.png", files.picture(), "this is a picture"),
        ("x.bin", b"\x80\x04\x95", "this is a pickle, which xview never opens"),
    ],
)
def test_mislabelled_files_are_told_plainly(name: str, content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=told):
        open_dataset(tmp_path / name)


@pytest.mark.parametrize("source", ["~nobody-of-this-name/x", "x" * 5000, "a\0b", "", "nothing/here"])
def test_a_source_that_is_nowhere_is_told(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError):
        open_dataset(source)


def test_a_name_that_is_nearly_bundled_gets_a_hint() -> None:
    with pytest.raises(DataError, match=r"emojy: no such file or folder.*did you mean 'emoji'"):
        open_dataset("emojy")


@pytest.mark.parametrize("name", bundled())
def test_bundled_data_opens_by_name_and_can_be_looked_at(name: str) -> None:
    data = open_dataset(name)
    assert data.source == name and len(data.collections) > 1 and data.has_split
    assert data.fingerprint == open_dataset(bundled()[name]).fingerprint
    for collection in data.collections.values():
        assert collection.labels.min() >= 0
        for row in (0, len(collection) - 1):
            shown = collection.payloads.picture(row), collection.payloads.text(row)
            assert shown != (None, None)
    for space in data.spaces:
        load_space(data, space)


def test_resources_are_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    assert (resources() / "data" / "emoji" / "dataset.toml").is_file()
    package = tmp_path / "site" / "xview"
    (package / "_resources" / "data" / "mine").mkdir(parents=True)
    (package / "_resources" / "data" / "mine" / "dataset.toml").write_text(
        '[modalities.a]\nlabels = "a.txt"\n'
    )
    (package / "_resources" / "data" / "mine" / "a.txt").write_text("x\ny\n")
    source = Path(xview.__file__).parent
    for file in [*source.glob("*.py"), *(source / "data").glob("*.py")]:
        target = package / file.relative_to(source)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.read_bytes())
    code = "from xview.data.open import open_dataset; print(len(open_dataset('mine').collection('a')))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=package.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2"


def test_opening_imports_nothing_slow() -> None:
    code = (
        "import sys; from xview.data.open import open_dataset; open_dataset('emoji')\n"
        "print(*{'torch', 'pyarrow', 'h5py', 'scipy', 'sklearn', 'safetensors'} & set(sys.modules))"
    )
    root = Path(xview.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
