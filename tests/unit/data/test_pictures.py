from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.unit.data import files
from xview.data.open import open_dataset, recognise
from xview.data.records import Kind
from xview.errors import DataError


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path / "photos" / "cat" / "b.jpg", files.picture(kind="JPEG"))
    put(tmp_path / "photos" / "cat" / "a.png", files.picture((1, 0, 0)))
    put(tmp_path / "photos" / "dög" / "no suffix", files.picture(kind="WEBP"))
    put(tmp_path / "sketches" / "cat" / "a.png", files.picture((2, 0, 0)))
    put(tmp_path / "sketches" / "dög" / "b.png", files.picture((3, 0, 0)))
    return tmp_path


def test_folders_are_modalities_and_classes(root: Path) -> None:
    data = open_dataset(root)
    assert data.name == root.name and data.classes == ("cat", "dög") and data.notes == ()
    photos, sketches = data.collection("photos"), data.collection("sketches")
    assert photos.kind is Kind.IMAGE
    assert photos.ids.tolist() == ["cat/a.png", "cat/b.jpg", "dög/no suffix"]
    assert photos.titles.tolist() == ["a", "b", "no suffix"]
    assert photos.labels.tolist() == [0, 0, 1] and sketches.labels.tolist() == [0, 1]
    assert photos.payloads.picture(0) == files.picture((1, 0, 0))
    assert sketches.payloads.picture(0) == files.picture((2, 0, 0))
    assert recognise(root).reader == "pictures"


def test_what_is_no_picture_is_passed_over_and_counted(root: Path) -> None:
    put(root / "photos" / "cat" / "notes.txt", b"hello")
    put(root / "photos" / "cat" / "fake.png", b"not a picture")
    put(root / "photos" / "cat" / ".hidden", files.picture())
    put(root / "photos" / "cat" / "Thumbs.db", b"\xd0\xcf\x11\xe0")
    put(root / "photos" / "loose.png", files.picture())
    put(root / "photos" / "cat" / "deep" / "deeper.png", files.picture())
    put(root / "words" / "cat" / "a.txt", b"a cat")
    data = open_dataset(root)
    assert len(data.collection("photos")) == 3 and "words" not in data.collections
    assert data.notes[:4] == (
        "photos: 2 files were passed over, being no pictures.",
        "photos: 2 files were passed over, being pictures outside a class folder (photos/CLASS/picture).",
        "words: 1 file was passed over, being no pictures.",
        "words: the folder holds no pictures and was left out.",
    )
    assert set(data.notes) <= set(recognise(root).sentences)


def test_pictures_one_level_deep_are_not_guessed_at(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "a.png", files.picture())
    with pytest.raises(
        DataError, match=r"no layout xview knows.*one folder a modality, one a class below it"
    ):
        open_dataset(tmp_path)


def test_links_out_of_the_folder_are_passed_over(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    put(away / "cat" / "secret.png", files.picture())
    try:
        (root / "photos" / "cat" / "link.png").symlink_to(away / "cat" / "secret.png")
        (root / "photos" / "out").symlink_to(away / "cat", target_is_directory=True)
        (root / "photos" / "cat" / "near.png").symlink_to(root / "photos" / "cat" / "a.png")
        (root / "far").symlink_to(away, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    data = open_dataset(root)
    assert data.collection("photos").ids.tolist() == [
        "cat/a.png",
        "cat/b.jpg",
        "cat/near.png",
        "dög/no suffix",
    ]
    assert data.notes == (
        "far is a link that leads out of the folder and was passed over.",
        "photos: 2 files were passed over, being links that lead out of the folder.",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep file names in Unicode")
def test_names_that_are_no_unicode_are_spelt_out(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "photos" / "caf") + b"\xe9"
    os.makedirs(folder)  # noqa: PTH103 - a name of bytes
    with open(os.path.join(folder, b"\xff.png"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(files.picture())
    data = open_dataset(tmp_path)
    photos = data.collection("photos")
    assert data.classes == (r"caf\xe9",) and photos.ids.tolist() == [r"caf\xe9/\xff.png"]
    assert photos.payloads.picture(0) == files.picture()
    assert len(data.fingerprint) == 16
