"""A world on disk opens as any data set, and comes back as it was."""

import csv
import io

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from xview.data.cci.folder import WORLD_FILE, make, read_cameras, read_world
from xview.data.cci.pictures import draw, shaken
from xview.data.cci.scenes import make_world
from xview.data.cci.words import caption
from xview.data.made import made_folder
from xview.data.open import open_dataset
from xview.errors import DataError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("cci") / "small"
    make(place, rounds=2, seed=4)
    return place


def test_pictures_and_captions_of_a_scene_are_one_instance(folder):
    world, data = make_world(4, rounds=2), open_dataset(folder)
    images, texts = data.collection("images"), data.collection("texts")
    assert len(images) == len(texts) == 111
    assert (images.instances == texts.instances).all()
    assert (images.labels == texts.labels).all()
    for row in (0, 57, 110):
        assert texts.payloads.text(row) == caption(world.scenes[row])
        shown = np.asarray(Image.open(io.BytesIO(images.payloads.picture(row))))
        assert (shown == np.asarray(draw(world.scenes[row], shaken(4, row), 64))).all()


def test_a_class_is_what_descends_from_one_scene_of_the_first_round(folder):
    data, world = open_dataset(folder), make_world(4, rounds=2)
    images = data.collection("images")
    names = [data.classes[label] for label in images.labels]
    assert names[0] == "source"
    for n in range(1, 111):
        ancestor = n if world.rounds[n] == 1 else int(world.sources[n])
        assert names[n] == f"family {ancestor}"
    assert 0 < (~images.seen).sum() < 111


def test_the_world_comes_back(folder):
    world, back = make_world(4, rounds=2), read_world(folder)
    assert back.scenes == world.scenes
    assert back.changes == world.changes
    assert (back.sources == world.sources).all()
    assert (back.rounds == world.rounds).all()


def test_the_cameras_of_the_pictures_come_back(folder):
    cameras = read_cameras(folder)
    assert cameras.side == 64 and cameras.each == tuple(shaken(4, n) for n in range(111))


def test_a_world_that_tells_of_no_cameras_still_opens(folder, tmp_path):
    arrays = load_file(folder / WORLD_FILE)
    save_file(
        {name: arrays[name] for name in ("things", "starts", "sources", "rounds")}, tmp_path / WORLD_FILE
    )
    assert read_cameras(tmp_path) is None and len(read_world(tmp_path)) == 111
    for damaged in (arrays["cameras"][:, :2], arrays["cameras"][:100]):
        save_file(arrays | {"cameras": damaged}, tmp_path / WORLD_FILE)
        with pytest.raises(DataError, match="delete the folder"):
            read_cameras(tmp_path)


def test_instructions_lead_from_sources_to_targets(folder):
    with (folder / "instructions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    world = make_world(4, rounds=2)
    assert [int(row["target"]) for row in rows] == list(range(1, 111))
    assert [int(row["source"]) for row in rows] == world.sources[1:].tolist()


def test_other_data_has_no_world(tmp_path):
    assert read_world(tmp_path) is None and read_cameras(tmp_path) is None


def test_a_damaged_world_says_what_to_do(folder, tmp_path):
    content = (folder / "world.safetensors").read_bytes()
    for damaged in (content[:100], content[:-40], b""):
        (tmp_path / "world.safetensors").write_bytes(damaged)
        with pytest.raises(DataError, match="delete the folder"):
            read_world(tmp_path)


def test_what_no_scene_holds_and_no_camera_takes_is_damage(folder, tmp_path):
    arrays = load_file(folder / WORLD_FILE)
    for name, damaged in (
        ("things", arrays["things"] + 9),
        ("things", -arrays["things"] - 1),
        ("things", arrays["things"][:-1]),
        ("starts", arrays["starts"][:-1]),
        ("rounds", arrays["rounds"][:-1]),
    ):
        save_file(arrays | {name: np.ascontiguousarray(damaged)}, tmp_path / WORLD_FILE)
        with pytest.raises(DataError, match="delete the folder"):
            read_world(tmp_path)
    for name, damaged in (
        ("side", np.array([1 << 30])),
        ("cameras", arrays["cameras"] * 1e6),
        ("cameras", arrays["cameras"] * np.nan),
    ):
        save_file(arrays | {name: damaged}, tmp_path / WORLD_FILE)
        with pytest.raises(DataError, match="delete the folder"):
            read_cameras(tmp_path)


def test_cci_opens_by_name_and_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path))
    data = open_dataset("cci")
    assert data.source == "cci"
    assert len(data.collection("images")) == 1_111
    made = made_folder("cci") / "images.zip"
    before = made.stat().st_mtime_ns
    assert open_dataset("cci").fingerprint == data.fingerprint
    assert made.stat().st_mtime_ns == before
