"""The real window, driven by mouse and keys: a screen recording in words."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data, write_picture
from tests.qt.screen import SHIFT_CONTROL, Screen, wait_until
from xview.qt.panels.open_dialog import OpenDialog
from xview.session.files import load_session
from xview.session.places import last_session
from xview.session.state import ItemsQuery, PictureQuery, TextQuery

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def screen(
    request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Screen]:
    """A window that must leave no process, thread or file behind; only the first start warms workers up."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    made = Screen(qtbot, warm_up="first_start" in request.node.name)
    yield made
    made.leave()
    assert list(scratch.iterdir()) == []


def answer_of(screen: Screen) -> list[str]:
    return screen.titles(count=20)


def test_from_first_start_to_reopening(screen: Screen, tmp_path: Path, monkeypatch) -> None:
    screen.open()  # the bundled emoji, since nothing was ever opened
    lab, store = screen.laboratory, screen.laboratory.store
    assert store.workspace.dataset.source == "emoji"
    assert isinstance(store.resolved.query, ItemsQuery)  # chosen for the user
    assert len(screen.titles()) == 5
    assert {"sketches", "images", "shared"} == set(lab.maps.views)
    assert screen.notice == ""

    # a click on a point asks with it
    row = screen.free_row("sketches", "sketches")
    screen.click_point("sketches", "sketches", row)
    assert store.resolved.query_rows.tolist() == [row]
    asked = store.resolved.query

    # keys switch the ranker, and say what moved
    seen = {}
    for key, name in (("1", "knn"), ("2", "homogeneous"), ("4", "fusion"), ("3", "heterogeneous")):
        screen.key(Qt.Key(ord(key)))
        screen.settle()
        assert store.resolved.ranker.name == name
        seen[name] = answer_of(screen)
    assert len({tuple(titles) for titles in seen.values()}) == 4
    assert "in k-NN" in lab.results.results.list_of("A").describe(0)

    # a dragged slider is followed, and is one step back
    slider = lab.bars.parameters.field("lambda").slider
    assert slider is not None
    for tick in range(100, 201, 10):
        slider.setValue(tick)
        QTest.qWait(5)
    screen.settle()
    assert store.resolved.ranker.settings.to_mapping()["lambda"] == 1.0
    assert answer_of(screen) != seen["heterogeneous"]
    screen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    screen.settle()
    assert answer_of(screen) == seen["heterogeneous"]

    # A | B beside one another, parameters still in reach at 1280 pixels
    screen.key(Qt.Key.Key_C)
    screen.settle()
    assert store.resolved.other is not None
    assert screen.titles("B")[0]
    assert lab.bars.parameters.in_bar("lambda")
    assert screen.window.width() == 1280

    # why: a click on a result
    listed = lab.results.results.list_of("A")
    third = int(listed._row(2))
    QTest.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=listed.rect_of(third).center())
    screen.settle()
    reply = lab.rankings.reply
    assert reply is not None
    assert reply.explanation is not None
    total = sum(share.amount for share in reply.explanation.shares)
    assert math.isclose(total, reply.explanation.score, rel_tol=1e-6)
    assert lab.maps.views["images"].canvas.overlay.bridges

    # a lasso selects, Q asks with all of it
    screen.lasso_all("sketches")
    selected = dict(store.resolved.view.selection)["sketches"]
    assert len(selected) > 50
    assert lab.maps.selection.isVisible()
    screen.key(Qt.Key.Key_Q)
    screen.settle()
    assert store.resolved.query_rows.tolist() == list(selected)
    assert screen.titles()
    screen.key(Qt.Key.Key_Escape)
    assert not lab.maps.selection.isVisible()

    # undo back to the click, redo, and back again
    while store.state.query != asked:
        screen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    screen.settle()
    assert store.can_redo
    screen.key(Qt.Key.Key_Z, SHIFT_CONTROL)
    screen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    screen.settle()
    assert store.resolved.query == asked
    shown, state = answer_of(screen), store.state

    # saved by the menu, opened again: the same view and the same answer
    path = tmp_path / "mine.xview"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    screen.window.actions_by_name["save"].trigger()
    assert load_session(path).state == state
    screen.key(Qt.Key.Key_X)
    screen.settle()
    screen.window.inspect(path)
    wait_until(lambda: store.state == state, "the saved session")
    screen.settle()
    assert answer_of(screen) == shown


def write_pictures(folder: Path) -> Path:
    """Two modalities of two classes, as folders of pictures and nothing else."""
    for modality, side in (("photos", 24), ("drawings", 40)):
        for colour in ("red", "blue"):
            (folder / modality / colour).mkdir(parents=True)
            for number in range(3):
                write_picture(folder / modality / colour / f"{number}.png", colour, side + number)
    return folder


def test_pictures_and_words_are_encoded_and_ranked(screen: Screen, tmp_path: Path) -> None:
    # pictures without vectors: what goes on is told, and when it is done the first query is answered
    screen.open(write_pictures(tmp_path / "raw"))
    lab, store = screen.laboratory, screen.laboratory.store
    assert "no vectors yet" in lab.maps.nothing.text()
    wait_until(lambda: store.resolved.spaces is not None, "the vectors")
    screen.settle()
    assert {"photos", "drawings"} < set(lab.maps.views)
    assert len(screen.titles()) == 5

    # a picture dropped on the window, known by its bytes
    screen.open("emoji")
    images = store.workspace.dataset.collection("images")
    row = int(store.resolved.task.gallery_rows[0])
    path = tmp_path / "copied from the web"
    path.write_bytes(images.payloads.picture(row) or b"")
    screen.drop(path)
    assert isinstance(store.resolved.query, PictureQuery)
    assert "Encoding" in lab.results.results.list_of("A").empty_text()
    screen.settle()
    assert screen.notice == ""
    assert store.resolved.task.protocol.query in ("images", "sketches")
    asking = store.resolved.task.protocol.query
    assert lab.maps.views[asking].canvas.overlay.outside  # where it belongs on the map

    # words
    lab.bars.search.setFocus()
    QTest.keyClicks(lab.bars.search, "a hot drink")
    QTest.keyClick(lab.bars.search, Qt.Key.Key_Return)
    screen.settle()
    assert store.resolved.query == TextQuery("a hot drink")
    classes = [words.describe(k) for words in [lab.results.results.list_of("A")] for k in range(10)]
    assert sum("class drink" in words for words in classes) >= 3
    assert store.resolved.task.protocol.query == "texts"


def test_both_demos_and_a_folder_in_one_window(screen: Screen, tmp_path: Path) -> None:
    screen.open("digits")
    learned = {"shared", "shared · handwriting", "shared · rendered"}
    assert learned == set(screen.laboratory.maps.views)
    assert len(screen.titles()) == 5
    folder = write_data(
        tmp_path / "my pair", {"photos": "image", "notes": "text"}, classes=4, unseen=("class-2", "class-3")
    )
    screen.drop(folder)  # says what it found first
    wait_until(lambda: screen.window.findChildren(OpenDialog), "the findings")
    (dialog,) = screen.window.findChildren(OpenDialog)
    told = " ".join(label.text() for label in dialog.findChildren(type(screen.window._greeting)))
    assert "photos: 24 image items" in told
    dialog.open_button.click()
    wait_until(lambda: screen.laboratory.store.workspace.dataset.name == "my pair", "the folder")
    screen.settle()
    assert screen.window.windowTitle() == "my pair – xview"
    assert set(screen.laboratory.maps.views) == {"photos alone", "notes alone", "shared"}
    assert len(screen.titles()) == 5
    assert str(folder) in [choice.name for choice in screen.laboratory.bars._datasets]
    screen.open("emoji")
    assert {"sketches", "images", "shared"} == set(screen.laboratory.maps.views)


def damaged_folders(base: Path) -> list[tuple[Path, str]]:
    """Data nobody can open, and what the message must name."""
    cases = []

    def case(name: str, told: str) -> Path:
        folder = write_data(base / name, {"photos": "image", "notes": "text"})
        cases.append((folder, told))
        return folder

    (case("truncated", "photos-0.npy") / "photos-0.npy").write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr'")
    np.save(case("rows disagree", "disagree") / "photos-0.npy", np.ones((7, 8), np.float32))
    toml = case("misspelt", "did you mean") / "dataset.toml"
    toml.write_text(toml.read_text("utf-8").replace("kind =", "knid ="), "utf-8")
    (case("not utf-8", "UTF-8") / "dataset.toml").write_bytes(b'name = "\xff\xfe"')
    toml = case("climbs out", "keep the files inside the folder") / "dataset.toml"
    toml.write_text(toml.read_text("utf-8").replace('"photos.csv"', '"../photos.csv"'), "utf-8")
    folder = case("pickled", "pickle")
    np.save(folder / "photos-0.npy", np.array([{}] * 24), allow_pickle=True)
    folder = case("twice", "photos-0")
    table = (folder / "photos.csv").read_text("utf-8")
    (folder / "photos.csv").write_text(table.replace("photos-1,", "photos-0,"), "utf-8")
    (base / "plain.txt").write_text("nothing of the kind", "utf-8")
    cases.append((base / "plain.txt", "plain.txt"))
    (base / "empty").mkdir()
    cases.append((base / "empty", "empty"))
    cases.append((base / "gone", "no such file"))
    return cases


def test_bad_data_is_told_and_nothing_is_lost(screen: Screen, tmp_path: Path) -> None:
    good = write_data(tmp_path / "good", {"photos": "image", "notes": "text"})
    screen.open(good)
    before, shown = screen.laboratory.store.state, screen.titles()
    for path, told in damaged_folders(tmp_path / "bad"):
        screen.window.take_file(path)
        wait_until(lambda: screen.notice, f"a message about {path.name}")
        assert told in screen.notice, (path.name, screen.notice)
        assert "Traceback" not in screen.notice
        assert len(screen.notice) < 700
        assert not screen.window.findChildren(QDialog)
        assert screen.laboratory.store.state == before
        assert screen.window.notice is not None
        screen.window.notice.close_button.click()
        assert screen.notice == ""
    assert screen.titles() == shown
    screen.key(Qt.Key.Key_1)
    screen.settle()
    assert screen.laboratory.store.resolved.ranker.name == "knn"


def test_spaces_that_cannot_be_used_are_told_and_the_rest_works(screen: Screen, tmp_path: Path) -> None:
    folder = write_data(tmp_path / "partly", {"photos": "image", "notes": "text"})
    for number, value in ((0, np.nan), (1, 0.0)):
        name = "photos" if number == 0 else "notes"
        vectors = np.load(folder / f"{name}-{number}.npy")
        vectors[3] = value
        np.save(folder / f"{name}-{number}.npy", vectors)
    screen.open(folder)
    assert "photos-0.npy" in screen.notice
    assert "notes" in screen.notice
    assert set(screen.laboratory.maps.views) == {"shared"}
    assert screen.laboratory.store.resolved.ranker.name == "knn"
    assert len(screen.titles()) == 5
    screen.key(Qt.Key.Key_3)  # needs the single-modal spaces
    wait_until(lambda: "single-modal" in screen.laboratory.results.results.list_of("A").empty_text())
    screen.key(Qt.Key.Key_1)
    screen.settle()
    assert len(screen.titles()) == 5


@pytest.mark.parametrize(
    ("modalities", "how"),
    [
        ({"photos": "image", "notes": "text"}, {"own": False}),
        ({"photos": "image"}, {}),
        ({"photos": "vector", "notes": "vector"}, {"classes": 0}),
        ({"notes": "text", "poems": "text"}, {"groups": ("a", "b")}),
        ({"photos": "vector", "notes": "vector"}, {"classes": 120, "items": 240}),
        ({"photos": "image", "notes": "text"}, {"items": 1, "classes": 1}),
        ({"photos": "image", "notes": "text"}, {"width": 2, "maps": False}),
        ({"photos": "image", "notes": "text"}, {"shared": False, "own": False}),
    ],
    ids=[
        "no own spaces",
        "one modality",
        "no classes",
        "texts",
        "120 classes",
        "one item",
        "flat",
        "no spaces",
    ],
)
def test_data_of_every_kind_makes_sense(screen: Screen, tmp_path: Path, modalities, how) -> None:
    screen.open(write_data(tmp_path / "data", modalities, **how))
    lab = screen.laboratory
    ranked = lab.results.results.list_of("A")
    if how.get("shared") is False:
        assert "vectors" in lab.maps.nothing.text()
    elif how.get("items") == 1:
        assert ranked.count == 1
    else:
        assert ranked.count >= 20
        words = ranked.describe(0)
        assert ("class" in words) == (how.get("classes") != 0)
    if how.get("width") == 2:
        wait_until(
            lambda: all(len(view.canvas.points) for view in lab.maps.views.values()), "maps as they are"
        )
        assert lab.store.resolved.view.method_of("shared") == "as-is"
    for name in ("1", "2", "3", "4", "C", "X", "N", "P", "R", "E", "0"):
        screen.key(Qt.Key(ord(name)))
    for by in range(lab.maps.strip.colour.count()):
        lab.maps.strip.colour.textActivated.emit(lab.maps.strip.colour.itemText(by))
    for kind in range(lab.maps.strip.overlay.count()):
        lab.maps.strip.overlay.textActivated.emit(lab.maps.strip.overlay.itemText(kind))
    screen.key(Qt.Key.Key_Escape)
    screen.key(Qt.Key.Key_Escape)
    assert lab.store.resolved.query is None
    assert "Click a point" in ranked.empty_text() or how.get("shared") is False


def test_a_killed_worker_is_told_and_the_window_lives(screen: Screen, tmp_path: Path) -> None:
    folder = write_data(tmp_path / "unmapped", {"photos": "vector", "notes": "vector"}, maps=False, items=60)
    screen.open(folder)  # its maps are being computed
    lab = screen.laboratory
    wait_until(lambda: any("UMAP" in run.title for run in lab.work.runs), "a projection")
    victims = screen.workers()
    assert victims
    for process in victims:
        process.kill()
    wait_until(lambda: screen.notice, "a message")
    assert "process" in screen.notice
    assert "was killed" in screen.notice or "SIGKILL" in screen.notice or "exit" in screen.notice
    screen.key(Qt.Key.Key_N)
    screen.settle()
    assert screen.titles()
    lab.spaces.list.method_asked.emit("shared", "pca")  # another worker takes over
    wait_until(lambda: len(lab.maps.views["shared"].canvas.points) == 120, "the map")


def test_the_last_session_comes_back(qtbot: QtBot, tmp_path: Path) -> None:
    folder = write_data(tmp_path / "kept", {"photos": "image", "notes": "text"})
    first = Screen(qtbot, keep_session=True)
    first.open(folder)
    first.key(Qt.Key.Key_N)
    first.key(Qt.Key.Key_2)
    first.settle()
    state, shown = first.laboratory.store.state, first.titles()
    first.leave()
    assert last_session().is_file()
    second = Screen(qtbot, keep_session=True)
    second.open(fresh=False)
    assert second.laboratory.store.state == state
    assert second.titles() == shown
    assert second.laboratory.store.history == first.laboratory.store.history
    second.leave()
    (folder / "dataset.toml").unlink()  # the data goes: said, and the bundled data is there
    third = Screen(qtbot, keep_session=False)
    third.open(fresh=False)
    assert third.laboratory.store.workspace.dataset.source == "emoji"
    wait_until(lambda: "could not be restored" in third.notice)
    third.leave()


LIGHT = """
import sys
from tests.qt.data_sets import write_data, write_picture
from tests.qt.screen import Screen, wait_until
from xview.qt.application import make_application
from PySide6.QtCore import Qt

app = make_application()
screen = Screen(warm_up=False)
screen.open(sys.argv[1])
lab = screen.laboratory
lab.evaluations.judge_unasked()
for key in "1243CX":
    screen.key(Qt.Key(ord(key)))
    screen.settle()
lab.spaces.list.method_asked.emit("shared", "pca")
wait_until(lambda: any(key.method == "pca" for key in lab.store.workspace.maps), "the map")
wait_until(lambda: lab.evaluations.judgements(), "the judgements")
screen.leave()
print(sorted({"torch", "umap", "sklearn", "sentence_transformers", "matplotlib", "rich"} & set(sys.modules)))
"""


def test_the_window_never_loads_what_its_workers_load(tmp_path: Path) -> None:
    folder = write_data(tmp_path / "pair", {"photos": "image", "notes": "text"})
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, str(folder)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"


def start(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python main.py` without any display."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    clean = {name: value for name, value in os.environ.items() if name not in hidden} | environment
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, env=clean)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_the_work_is_done_off_screen(qapp: QApplication, tmp_path: Path) -> None:
    done = start("--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stderr
    assert str(tmp_path / "out") in done.stdout
    picture = QPixmap(str(tmp_path / "out" / "window.png"))
    assert picture.width() >= 1280
    assert "<html" in (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_bad_data_is_one_plain_line(tmp_path: Path) -> None:
    done = start(tmp_path / "nowhere", "--out", tmp_path / "out")
    assert done.returncode == 2
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("xview: ")
    assert "nowhere" in lines[-1]
    assert len(lines) <= 2  # and that there is no display
