from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.unit.data import files
from xview.data.open import open_dataset
from xview.data.records import Dataset, Kind, draw_unseen
from xview.errors import DataError
from xview.spaces.space import load_space

Writer = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Writes a `dataset.toml` and gives its folder."""

    def write(text: str) -> Path:
        (tmp_path / "dataset.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def refused(folder: Path) -> str:
    with pytest.raises(DataError) as error:
        open_dataset(folder)
    message = str(error.value)
    assert str(folder) in message and "\n" not in message
    return message


def save(folder: Path, name: str, items: int, width: int = 3) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    np.save(folder / name, np.random.default_rng(items).normal(size=(items, width)).astype(np.float32))


FULL = """
name = "My pair"
description = "Two cameras"
junk = "junk.csv"
[split]
unseen = ["dog"]
[classes]
names = "classes.txt"
vectors = "classes.npy"
[modalities.thermal]
kind = "image"
items = "thermal.csv"
pictures = "thermal.zip"
[modalities.visible]
labels = "labels.npz:visible"
[spaces.thermal-only]
thermal = "v/x_single.npy"
[spaces.shared]
thermal = "v/x_cross.npy"
visible = { file = "v/all.npz", key = "y" }
made_by = { system = "cca", dim = 64 }
maps = { umap = "v/map.npy" }
"""


def build_full(folder: Path) -> Path:
    (folder / "dataset.toml").write_text(FULL, encoding="utf-8")
    (folder / "thermal.csv").write_text(
        "id,title,label,path,text,group,instance,weather\n"
        "t0,First,cat,a/0.png,warm,left,p,sun\n"
        "t1,,dog,a/1.png,,right,q,rain\n"
        "t2,,,,,,,\n",
        encoding="utf-8",
    )
    with zipfile.ZipFile(folder / "thermal.zip", "w") as archive:
        for i in range(2):
            archive.writestr(f"a/{i}.png", files.picture((i, 0, 0)))
    (folder / "classes.txt").write_text("dog\ncat\nowl\n")
    np.save(folder / "classes.npy", np.eye(3, dtype=np.float64))
    np.savez(folder / "labels.npz", visible=np.array(["cat", "dog"]), other=np.arange(5))
    (folder / "junk.csv").write_text(
        "query_modality,query,gallery\nthermal,t0,1\nvisible,1,t0\nvisible,1,t2\n"
    )
    for name, items in (("v/x_single.npy", 3), ("v/x_cross.npy", 3)):
        save(folder, name, items)
    np.savez(folder / "v/all.npz", x=np.ones((9, 3)), y=np.ones((2, 3)))
    save(folder, "v/map.npy", 5, 2)
    return folder


def test_a_full_data_set_says_everything_it_holds(tmp_path: Path) -> None:
    data = open_dataset(build_full(tmp_path))
    assert (data.name, data.description, data.source) == ("My pair", "Two cameras", str(tmp_path))
    assert data.classes == ("dog", "cat", "owl")
    np.testing.assert_array_equal(data.class_vectors, np.eye(3))
    thermal, visible = data.collection("thermal"), data.collection("visible")
    assert (thermal.kind, visible.kind) == (Kind.IMAGE, Kind.VECTOR)
    assert thermal.ids.tolist() == ["t0", "t1", "t2"] and visible.ids.tolist() == ["0", "1"]
    assert thermal.titles.tolist() == ["First", "q", "t2"] and visible.titles.tolist() == ["0", "1"]
    assert thermal.labels.tolist() == [1, 0, -1] and visible.labels.tolist() == [1, 0]
    assert thermal.groups is not None and thermal.groups.tolist() == [0, 1, -1]
    assert thermal.group_names == ("left", "right") and visible.groups is None
    assert thermal.instances is not None and thermal.instances.tolist() == [0, 1, -1]
    assert thermal.seen is not None and thermal.seen.tolist() == [True, False, False]
    assert [thermal.payloads.picture(row) for row in range(3)] == [
        files.picture((0, 0, 0)), files.picture((1, 0, 0)), None,
    ]  # fmt: skip
    assert [thermal.payloads.text(row) for row in range(3)] == ["warm", None, None]
    assert data.junk == {("thermal", "t0"): ("1",), ("visible", "1"): ("t0", "t2")}
    assert data.notes == (
        "thermal.csv: column 'weather' was not used.",
        "1 of 3 items of thermal have no class.",
    )


def test_spaces_are_found_with_what_made_them(tmp_path: Path) -> None:
    data = open_dataset(build_full(tmp_path))
    assert list(data.spaces) == ["thermal-only", "shared"]
    shared = data.spaces["shared"]
    assert shared.made_by == {"system": "cca", "dim": 64} and list(shared.maps) == ["umap"]
    space = load_space(data, "shared")
    assert space.parts["visible"].tolist() == np.ones((2, 3)).tolist() and len(space) == 5


def test_vectors_are_not_read_before_they_are_asked_for(tmp_path: Path) -> None:
    folder = build_full(tmp_path)
    broken = np.load(folder / "v/x_single.npy")
    broken[1, 1] = np.nan
    np.save(folder / "v/x_single.npy", broken)
    data = open_dataset(folder)
    with pytest.raises(DataError, match=r"x_single.npy: row 1, column 1 is nan"):
        load_space(data, "thermal-only")


def test_labels_alone_or_vectors_alone_make_a_modality(write: Writer) -> None:
    folder = write('[modalities.a]\nlabels = "a.txt"\n[modalities.b]\n[spaces.b]\nb = "b.npy"\n')
    (folder / "a.txt").write_text("x\ny\n")
    save(folder, "b.npy", 4)
    data = open_dataset(folder)
    assert {name: len(c) for name, c in data.collections.items()} == {"a": 2, "b": 4}
    assert data.name == folder.name and data.classes == ("x", "y")
    assert "No item of b has a class: rankings can be seen but not judged." in data.notes


def test_instances_are_merged_over_modalities(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n[modalities.b]\nitems = "b.csv"\n')
    (folder / "a.csv").write_text("instance\np\nq\n")
    (folder / "b.csv").write_text("instance\nq\nr\n\nq\np\n".replace("\n\n", '\n""\n'))
    data = open_dataset(folder)
    a, b = data.collection("a").instances, data.collection("b").instances
    assert a is not None and b is not None
    assert a.tolist() == [0, 1] and b.tolist() == [1, 2, -1, 1, 0]


def test_a_text_without_a_title_is_called_by_its_first_words(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n')
    long = "word " * 100
    rows = [
        "id,text,title,instance",
        "x,a small\tcat,,42",
        "y,a dog,Rex,43",
        f"z,{long},,44",
        "w,,,45",
        "v,,,",
    ]
    (folder / "a.csv").write_text("\n".join(rows) + "\n")
    assert open_dataset(folder).collection("a").titles.tolist() == [
        "a small cat", "Rex", long[:200], "45", "v",
    ]  # fmt: skip
    (folder / "a.csv").write_text("id,path,text,instance\nx,x.png,a small cat,42\n")
    assert open_dataset(folder).collection("a").titles.tolist() == ["42"]


def test_things_are_classes_where_nothing_has_one(write: Writer) -> None:
    """Things of one modality alone, or labels anywhere, leave everything as it is."""
    folder = write('[modalities.a]\nitems = "a.csv"\n[modalities.b]\nitems = "b.csv"\n[modalities.c]\n')
    save(folder, "c.npy", 2)
    with (folder / "dataset.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('[spaces.c]\nc = "c.npy"\n')
    (folder / "a.csv").write_text("id,instance\n0,p\n1,q\n2,\n")
    (folder / "b.csv").write_text("id,instance\n0,q\n1,q\n2,s\n")
    data = open_dataset(folder)
    assert data.classes == ("p", "q", "s")
    labels = {name: c.labels.tolist() for name, c in data.collections.items()}
    assert labels == {"a": [0, 1, -1], "b": [1, 1, 2], "c": [-1, -1]}
    assert "each thing that modalities share is a class of its own" in data.notes[0]
    (folder / "b.csv").write_text("id,instance\n0,x\n1,y\n2,s\n")
    assert open_dataset(folder).classes == ()
    (folder / "b.csv").write_text("id,instance,label\n0,q,\n1,q,\n2,s,w\n")
    assert open_dataset(folder).classes == ("w",)


def test_integer_labels_sort_by_value_and_words_by_letter(write: Writer) -> None:
    folder = write('[modalities.a]\nlabels = "a.npy"\n[modalities.b]\nlabels = "b.txt"\n')
    np.save(folder / "a.npy", np.array([10, 9, -1, 9]))
    (folder / "b.txt").write_text("2\n10\n")
    data = open_dataset(folder)
    assert data.classes == ("2", "9", "10")
    assert data.collection("a").labels.tolist() == [2, 1, -1, 1]
    assert data.collection("b").labels.tolist() == [0, 2]
    (folder / "b.txt").write_text("2\nten\n")
    assert open_dataset(folder).classes == ("10", "2", "9", "ten")


def test_integers_are_positions_among_named_classes(write: Writer) -> None:
    folder = write('[classes]\nnames = "c.txt"\n[modalities.a]\nlabels = "a.npy"\n')
    (folder / "c.txt").write_text("owl\ncat\n")
    np.save(folder / "a.npy", np.array([1, 0, 1]))
    assert open_dataset(folder).collection("a").labels.tolist() == [1, 0, 1]
    np.save(folder / "a.npy", np.array([1, 0, 2]))
    assert "a has label '2', which is none of the 2 classes" in refused(folder)
    np.save(folder / "a.npy", np.array(["cot", "owl"]))
    assert "a has label 'cot', which is none of the 2 classes; did you mean 'cat'?" in refused(folder)
    (folder / "c.txt").write_text("7\n5\n")
    np.save(folder / "a.npy", np.array([5, 7]))
    assert open_dataset(folder).collection("a").labels.tolist() == [1, 0]


@pytest.mark.parametrize("text", ["owl\n\ncat\n", "", "owl\nowl\n"])
def test_class_names_are_one_a_line(text: str, write: Writer) -> None:
    folder = write('[classes]\nnames = "c.txt"\n[modalities.a]\nlabels = "a.txt"\n')
    (folder / "c.txt").write_text(text)
    (folder / "a.txt").write_text("owl\n")
    assert "c.txt" in refused(folder)


def split_data(write: Writer, split: str) -> Dataset:
    folder = write(f'{split}\n[modalities.a]\nlabels = "a.npy"\n')
    np.save(folder / "a.npy", np.arange(8) % 8)
    return open_dataset(folder)


def unseen(data: Dataset) -> tuple[str, ...]:
    a = data.collection("a")
    assert a.seen is not None
    return tuple(data.classes[i] for i in a.labels[~a.seen])


def test_a_split_by_list_by_file_and_by_share(write: Writer, tmp_path: Path) -> None:
    assert unseen(split_data(write, '[split]\nunseen = ["3", "5"]')) == ("3", "5")
    assert unseen(split_data(write, "[split]\nunseen = [3, 5]")) == ("3", "5")
    (tmp_path / "held.txt").write_text("7\n1\n")
    assert unseen(split_data(write, '[split]\nunseen = "held.txt"')) == ("1", "7")
    drawn = draw_unseen([str(i) for i in range(8)], 2, 4)
    assert unseen(split_data(write, "[split]\nshare = 0.25\nseed = 4")) == drawn
    # A share too small for one class still holds one out
    assert len(unseen(split_data(write, "[split]\nshare = 0.01"))) == 1
    assert not split_data(write, "").has_split


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ('unseen = ["9"]', "[split] holds out '9', which is no class of the data"),
        ("share = 1.5", "share must lie between 0 and 1, got 1.5"),
        ("share = 0.5\nseed = -1", "seed must not be negative"),
        ("seed = 3", "seed needs a share"),
        ('unseen = ["1"]\nshare = 0.5', "give either unseen, or share and seed"),
        ('share = "half"', "share must be a number between 0 and 1, got 'half'"),
        ("share = true", "share must be a number between 0 and 1, got True"),
        ("unsen = []", "[split] unknown key 'unsen'; did you mean 'unseen'?"),
    ],
)
def test_a_wrong_split_is_told(split: str, told: str, write: Writer) -> None:
    with pytest.raises(DataError) as error:
        split_data(write, f"[split]\n{split}")
    assert told in str(error.value)


def test_a_split_column(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n')
    (folder / "a.csv").write_text("split\nseen\nUnseen\ntrain\ntest\n")
    seen = open_dataset(folder).collection("a").seen
    assert seen is not None and seen.tolist() == [True, False, True, False]
    (folder / "a.csv").write_text("split\nseen\nvalidation\n")
    assert "a.csv: line 3: split must be seen or train or unseen or test, got 'validation'" in refused(folder)
    write('[split]\nshare = 0.5\n[modalities.a]\nitems = "a.csv"\n')
    (folder / "a.csv").write_text("label,split\nx,seen\ny,unseen\n")
    assert "[split] and a column `split` both split the data; keep one" in refused(folder)


def test_rows_that_disagree_name_every_file_and_its_number(write: Writer) -> None:
    folder = write(
        '[modalities.a]\nitems = "a.csv"\nlabels = "a.npy"\n'
        '[spaces.one]\na = "v.npy"\n[spaces.two]\na = "w.csv"\n'
    )
    (folder / "a.csv").write_text("id\nx\ny\nz\n")
    np.save(folder / "a.npy", np.arange(2))
    save(folder, "v.npy", 3)
    (folder / "w.csv").write_text("1,2\n3,4\n5,6\n7,8\n")
    assert refused(folder).endswith(
        "the files of a disagree in their number of items: a.csv 3, a.npy 2, v.npy 3, w.csv 4"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('nmae = "x"', "unknown key 'nmae'; did you mean 'name'? (known: name, description"),
        ("modalites = {}", "unknown key 'modalites'; did you mean 'modalities'?"),
        ('[modalities.a]\nlables = "a.npy"', "[modalities.a] unknown key 'lables'; did you mean 'labels'?"),
        ('[modalities.a]\nkind = "picture"', "kind must be image or text or vector, got 'picture'"),
        ("[modalities.a]\nkind = 3", "[modalities.a] kind must be text in quotes, got 3"),
        ("[modalities.a]\nlabels = 3", "labels must be a file, such as"),
        ('[modalities.a]\nlabels = {fil = "x"}', "unknown key 'fil'; did you mean 'file'?"),
        ("[modalities.a]\nlabels = {}", "labels must be a file, such as"),
        ("modalities = 3", "modalities must be a table, got 3"),
        ("[modalities]\na = 3", "[modalities] a must be a table, got 3"),
        ('[modalities.""]', "[modalities] a name is empty"),
        ("[modalities.maps]", "'maps' is a reserved word of spaces"),
        ("[modalities]", "names no modality; add a table such as [modalities.images]"),
        ("", "names no modality"),
        ("[modalities.a]", "modality 'a' has no items; give it items, labels, or vectors in a space"),
        ("[modalities.a]\n[spaces.s]", "[spaces.s] names no vectors"),
        (
            '[modalities.images]\n[spaces.s]\nimage = "x.npy"',
            "[spaces.s] no modality 'image'; did you mean 'images'? (known: images)",
        ),
        ('[modalities.a]\n[spaces.s]\na = "x.npy"\nmap = {}', "no modality 'map'; did you mean 'maps'?"),
        ('[modalities.a]\n[spaces.s]\na = "x.npy"\nmade_by = 3', "[spaces.s] made_by must be a table"),
        ('[modalities.a]\n[spaces.s]\na = "x.npy"\nmaps = {umap = 3}', "[spaces.s.maps] umap must be text"),
        ('[classes]\nname = "x"\n[modalities.a]', "[classes] unknown key 'name'; did you mean 'names'?"),
        ('name = "x"\nname = "y"', "is not valid TOML"),
        ("[modalities.a\n", "is not valid TOML"),
        ("a = " + "[" * 5000, "is not valid TOML"),
        ('[modalities.a]\nlabels = "gone.npy"', "gone.npy: no such file"),
        ('[modalities.a]\nitems = "gone.csv"', "gone.csv: no such file"),
        ('[modalities.a]\nlabels = "../a.npy"', "dataset.toml: the path '../a.npy' leads out of"),
        ('[modalities.a]\nlabels = "/etc/passwd"', "the path '/etc/passwd' leads out of"),
        ('[modalities.a]\nlabels = "C:/a.npy"', "the path 'C:/a.npy' leads out of"),
        ('[modalities.a]\nlabels = {file = "../x.npz", key = "y"}', "the path '../x.npz' leads out of"),
        ('[modalities.a]\nitems = ""', "an empty path names no file"),
        ('[modalities.a]\npictures = ".."\nlabels = "a.npy"', "the path '..' leads out of"),
        ('junk = "../junk.csv"\n[modalities.a]', "the path '../junk.csv' leads out of"),
        (
            '[modalities.a]\n[spaces.s]\na = "x.npy"\nmaps = {umap = "../m.npy"}',
            "the path '../m.npy' leads out of",
        ),
        ('[split]\nunseen = "../x.txt"\n[modalities.a]', "the path '../x.txt' leads out of"),
    ],
)
def test_a_wrong_manifest_is_told_in_one_sentence(text: str, told: str, write: Writer) -> None:
    assert told in refused(write(text))


def test_a_manifest_must_be_utf8_and_short(tmp_path: Path) -> None:
    (tmp_path / "dataset.toml").write_bytes(b'name = "caf\xe9"')
    assert "dataset.toml: is not UTF-8 text (byte 11); save it as UTF-8" in refused(tmp_path)
    with (tmp_path / "dataset.toml").open("wb") as file:
        file.truncate(1 << 32)  # sparse
    assert "4,294,967,296 bytes are more than a dataset.toml may have" in refused(tmp_path)
    (tmp_path / "a.txt").write_text("x\ny\n")
    (tmp_path / "dataset.toml").write_bytes(b'\xef\xbb\xbf[modalities.a]\r\nlabels = "a.txt"\r\n')
    assert len(open_dataset(tmp_path).collection("a")) == 2


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("id\nx\ny\nx\n", "a.csv: id 'x' occurs in lines 2 and 4"),
        ('id\nx\n""\n', "a.csv: line 3 has no id"),
        ("id,label\nx,a\ny\n", "a.csv: line 3 has 1 values but the header names 2"),
        ("id,id\nx,y\n", "a.csv: the first line names column 'id' twice"),
        ("name,class\nx,y\n", "a.csv: has none of the columns id, title, label"),
        ("", "a.csv: is empty; its first line must name the columns"),
        ("id\n", "a.csv: a has no items"),
        ("id,path\nx,../x.png\n", "a.csv: the path '../x.png' leads out of"),
        ("id,path\nx,/x.png\n", "a.csv: the path '/x.png' leads out of"),
        ("id\n" + "x" * 600 + "\n", "longer than 512 characters"),
        ('id\n"x\n', "a.csv: is cut off, damaged"),
        (
            "id\n" + "x" * 200_000 + "\n",
            "a.csv: is cut off, damaged or not what it seems to be (field larger",
        ),
    ],
)
def test_a_wrong_item_list_is_told_with_its_line(csv: str, told: str, write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n')
    (folder / "a.csv").write_text(csv)
    assert told in refused(folder)


def test_item_lists_may_be_parquet(write: Writer) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    folder = write('[modalities.a]\nitems = "a.parquet"\n')
    table = pa.table({"id": ["x", "y"], "label": pa.array([3, None], pa.float64()), "vector": [[1.0], [2.0]]})
    pq.write_table(table, folder / "a.parquet")
    data = open_dataset(folder)
    assert data.classes == ("3",) and data.collection("a").labels.tolist() == [0, -1]


def test_a_mistyped_column_is_noted_with_what_may_be_meant(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n')
    (folder / "a.csv").write_text("id,lable\nx,a\ny,b\n")
    assert "a.csv: column 'lable' was not used; did you mean 'label'?." in open_dataset(folder).notes


def test_pictures_lie_beside_the_manifest_or_in_a_folder(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\n[modalities.b]\nitems = "a.csv"\npictures = "more"\n')
    (folder / "a.csv").write_text("path\n0.png\n")
    (folder / "more").mkdir()
    (folder / "0.png").write_bytes(files.picture((1, 1, 1)))
    (folder / "more" / "0.png").write_bytes(files.picture((2, 2, 2)))
    data = open_dataset(folder)
    assert data.collection("a").kind is Kind.IMAGE
    assert data.collection("a").payloads.picture(0) == files.picture((1, 1, 1))
    assert data.collection("b").payloads.picture(0) == files.picture((2, 2, 2))


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        ("gone.zip", "gone.zip: no such file"),
        ("a.csv", "must be a folder or a zip archive, and this is text"),
    ],
)
def test_pictures_must_be_somewhere(pictures: str, told: str, write: Writer) -> None:
    folder = write(f'[modalities.a]\nitems = "a.csv"\npictures = "{pictures}"\n')
    (folder / "a.csv").write_text("path\n0.png\n")
    assert told in refused(folder)


def test_a_cut_off_archive_of_pictures_is_told_at_once(write: Writer) -> None:
    folder = write('[modalities.a]\nitems = "a.csv"\npictures = "a.zip"\n')
    (folder / "a.csv").write_text("path\n0.png\n")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("0.png", files.picture())
    (folder / "a.zip").write_bytes((folder / "a.zip").read_bytes()[:-10])
    assert "a.zip: the zip archive is cut off or damaged" in refused(folder)


def test_widths_and_maps_of_a_space_must_fit(write: Writer) -> None:
    text = '[modalities.a]\n[modalities.b]\n[spaces.s]\na = "a.npy"\nb = "b.npy"\nmaps = {umap = "m.npy"}\n'
    folder = write(text)
    save(folder, "a.npy", 4, 3)
    save(folder, "b.npy", 2, 5)
    save(folder, "m.npy", 6, 2)
    assert "[spaces.s] modalities differ in dimension (a 3, b 5)" in refused(folder)
    save(folder, "b.npy", 2, 3)
    assert list(open_dataset(folder).spaces["s"].maps) == ["umap"]
    save(folder, "m.npy", 5, 2)
    assert "m.npy: the umap map of space 's' must be 6 x 2, not (5, 2)" in refused(folder)


def test_features_of_a_projected_space_may_differ_in_width(write: Writer) -> None:
    spaces = '[spaces.s]\na = "a.npy"\nb = "b.npy"\nprojections = "p.safetensors"\n'
    folder = write(f"[modalities.a]\n[modalities.b]\n{spaces}")
    save(folder, "a.npy", 4, 3)
    save(folder, "b.npy", 2, 5)
    (folder / "p.safetensors").touch()
    assert open_dataset(folder).spaces["s"].projections == folder / "p.safetensors"


def test_class_vectors_are_one_a_class(write: Writer) -> None:
    folder = write('[classes]\nvectors = "c.npy"\n[modalities.a]\nlabels = "a.npy"\n')
    np.save(folder / "a.npy", np.array([4, 2, 2]))
    np.save(folder / "c.npy", np.array([[2.0, 0], [4, 0]]))
    vectors = open_dataset(folder).class_vectors
    assert vectors is not None and vectors.dtype == np.float32 and vectors[:, 0].tolist() == [2, 4]
    np.save(folder / "c.npy", np.eye(3))
    assert "3 class vectors for 2 classes" in refused(folder)


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("query\nx\n", "junk.csv: has no column 'gallery'"),
        ("query,gallery\nx,q\n", "junk.csv: line 2: no item has the id 'q'"),
        ("query,gallery\nx,y\nq,x\n", "junk.csv: line 3: no item has the id 'q'"),
        ("query_modality,query,gallery\naa,x,y\n", "junk.csv: line 2: no modality 'aa'; did you mean 'a'?"),
    ],
)
def test_a_wrong_junk_list_is_told_with_its_line(csv: str, told: str, write: Writer) -> None:
    folder = write('junk = "junk.csv"\n[modalities.a]\nitems = "a.csv"\n')
    (folder / "a.csv").write_text("id\nx\ny\n")
    (folder / "junk.csv").write_text(csv)
    assert told in refused(folder)


def test_junk_without_a_modality_holds_wherever_the_query_is(write: Writer) -> None:
    folder = write('junk = "junk.csv"\n[modalities.a]\nlabels = "l.txt"\n[modalities.b]\nlabels = "l.txt"\n')
    (folder / "l.txt").write_text("p\nq\n")
    (folder / "junk.csv").write_text("query,gallery\n1,0\n")
    assert open_dataset(folder).junk == {("a", "1"): ("0",), ("b", "1"): ("0",)}


def test_data_that_cannot_be_judged_opens_and_says_so(write: Writer) -> None:
    folder = write('[modalities.a]\nlabels = "a.txt"\n[modalities.b]\nlabels = "b.txt"\n')
    (folder / "a.txt").write_text("x\n")
    (folder / "b.txt").write_text("x\nx\n")
    assert open_dataset(folder).notes == (
        "a has a single item, so there is nothing to rank.",
        "All items are of one class (x), so every answer is right.",
    )
    (folder / "b.txt").write_text("y\nz\n")
    assert "No class has items in all modalities." in open_dataset(folder).notes


CHANGES = """
[modifications]
modality = "shoes"
items = "changes.csv"
[modalities.shoes]
kind = "image"
items = "shoes.csv"
"""


def changes(folder: Path, rows: str) -> None:
    (folder / "shoes.csv").write_text("id,label\nred,a\nblue,a\ngreen,b\n", encoding="utf-8")
    (folder / "changes.csv").write_text(rows, encoding="utf-8")


def test_modifications_name_their_pictures_by_id(write: Writer, tmp_path: Path) -> None:
    changes(
        tmp_path, "source,target,instruction,split\nred,blue,make it blue,train\ngreen,red,now red,test\n"
    )
    found = open_dataset(write(CHANGES)).modifications
    assert found is not None and found.modality == "shoes"
    assert (found.sources.tolist(), found.targets.tolist()) == ([0, 2], [1, 0])
    assert found.instructions.tolist() == ["make it blue", "now red"]
    assert found.seen.tolist() == [True, False]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("source,target\nred,blue\n", "no column 'instruction'"),
        ("source,target,instruction\nred,black,now black\n", "line 2: shoes has no item with the id 'black'"),
        ("source,target,instruction\n", "holds no modification"),
    ],
)
def test_modifications_that_do_not_fit_are_told(write: Writer, tmp_path: Path, rows: str, told: str) -> None:
    changes(tmp_path, rows)
    assert told in refused(write(CHANGES))


def test_modifications_of_an_unknown_modality_are_told(write: Writer, tmp_path: Path) -> None:
    changes(tmp_path, "source,target,instruction\nred,blue,now blue\n")
    assert "did you mean 'shoes'" in refused(
        write(CHANGES.replace('modality = "shoes"', 'modality = "shoe"'))
    )
