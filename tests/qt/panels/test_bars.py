from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from xview.qt.panels.parts import Choice
from xview.qt.panels.query_bar import QueryBar, QueryBarInfo
from xview.qt.panels.ranker_bar import RankerBar
from xview.qt.panels.search_field import SearchField

RANKERS = [
    Choice("knn", "k-NN", "Nearest neighbours"),
    Choice("homogeneous", "Homogeneous"),
    Choice("heterogeneous", "Heterogeneous"),
    Choice("fusion", "Fusion"),
]
EMOJI = QueryBarInfo(
    dataset="Emoji",
    datasets=(Choice("emoji", "Emoji"), Choice("digits", "Digits")),
    modalities=("sketches", "images", "texts"),
    query="sketches",
    gallery="images",
    query_classes="unseen",
    gallery_classes="unseen",
    has_split=True,
    group_word="artists",
    across_groups=True,
)


@pytest.fixture
def rankers(qtbot):
    made = RankerBar()
    qtbot.addWidget(made)
    made.show_rankers(RANKERS)
    made.show_ranker("heterogeneous")
    made.show()
    return made


@pytest.fixture
def bar(qtbot):
    made = QueryBar()
    qtbot.addWidget(made)
    made.show_info(EMOJI)
    made.show()
    return made


@pytest.fixture
def search(qtbot):
    made = SearchField()
    qtbot.addWidget(made)
    made.show()
    made.setFocus()
    return made


def test_pressing_a_ranker_asks_for_it(qtbot, rankers):
    with qtbot.waitSignal(rankers.ranker_asked) as asked:
        qtbot.mouseClick(rankers.switch.button("knn"), Qt.MouseButton.LeftButton)
    assert asked.args == ["knn"]


def test_a_ranker_that_is_refused_does_not_stay_pressed(qtbot, rankers):
    rankers.ranker_asked.connect(lambda _name: rankers.show_ranker("heterogeneous"))
    qtbot.mouseClick(rankers.switch.button("fusion"), Qt.MouseButton.LeftButton)
    assert rankers.switch.choice == "heterogeneous"


def test_comparing_starts_with_another_ranker_and_remembers_it(qtbot, rankers):
    rankers.other_asked.connect(lambda name: rankers.show_ranker("heterogeneous", name))
    with qtbot.waitSignal(rankers.other_asked) as asked:
        qtbot.mouseClick(rankers.compare, Qt.MouseButton.LeftButton)
    assert asked.args == ["knn"]
    assert rankers.other.isVisible() and rankers.other.currentText() == "k-NN"
    rankers.other.setCurrentIndex(3)
    with qtbot.waitSignal(rankers.other_asked) as asked:
        rankers.other.activated.emit(3)
    assert asked.args == ["fusion"]
    qtbot.mouseClick(rankers.compare, Qt.MouseButton.LeftButton)
    assert not rankers.other.isVisible()
    with qtbot.waitSignal(rankers.other_asked) as asked:
        qtbot.mouseClick(rankers.compare, Qt.MouseButton.LeftButton)
    assert asked.args == ["fusion"]


def test_names_of_rankers_are_never_clipped(rankers):
    rankers.resize(rankers.minimumSizeHint())
    button = rankers.switch.button("heterogeneous")
    assert button.width() >= button.sizeHint().width()


def test_the_bar_shows_what_is_asked_and_says_nothing(qtbot, bar):
    with qtbot.assertNotEmitted(bar.query_asked, wait=20):
        bar.show_info(EMOJI)
    assert (bar.query.currentText(), bar.gallery.currentText()) == ("sketches", "images")
    assert bar.classes.currentText() == "Zero-shot"
    assert bar.across.isChecked() and bar.across.text() == "Across artists"


def test_modalities_protocol_and_groups_are_asked_for(qtbot, bar):
    with qtbot.waitSignal(bar.query_asked) as asked:
        bar.query.setFocus()
        QTest.keyClick(bar.query, Qt.Key.Key_Down)
    assert asked.args == ["images"]
    with qtbot.waitSignal(bar.swap_asked):
        qtbot.mouseClick(bar.swap, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.classes_asked) as asked:
        bar.classes.setFocus()
        QTest.keyClicks(bar.classes, "gen")
    assert asked.args == ["unseen", "all"]
    with qtbot.waitSignal(bar.across_asked) as asked:
        qtbot.mouseClick(bar.across, Qt.MouseButton.LeftButton)
    assert asked.args == [False]


def test_an_unusual_protocol_is_shown_by_its_parts(bar):
    bar.show_info(QueryBarInfo(dataset="Emoji", has_split=True, query_classes="seen", gallery_classes="all"))
    assert bar.classes.currentText() == "seen → all"
    bar.show_info(EMOJI)
    assert bar.classes.findText("seen → all") == -1


def test_what_the_data_lacks_is_not_offered(bar):
    bar.show_info(QueryBarInfo(dataset="x", modalities=("a",), query="a", gallery="a"))
    assert not bar.classes.isVisible() and not bar.across.isVisible()
    assert not bar.swap.isEnabled()


def test_the_menu_opens_other_data(qtbot, bar):
    actions = {action.text(): action for action in bar.dataset.menu().actions()}
    with qtbot.waitSignal(bar.dataset_asked) as asked:
        actions["Digits"].trigger()
    assert asked.args == ["digits"]
    with qtbot.waitSignal(bar.open_asked):
        actions["Open folder or file …"].trigger()


def test_words_are_asked_with_enter(qtbot, search):
    with qtbot.waitSignal(search.text_asked) as asked:
        qtbot.keyClicks(search, "  a striped horse ")
        QTest.keyClick(search, Qt.Key.Key_Return)
    assert asked.args == ["a striped horse"]
    search.clear()
    with qtbot.assertNotEmitted(search.text_asked, wait=20):
        QTest.keyClick(search, Qt.Key.Key_Return)


def test_a_title_from_the_list_asks_with_that_item(qtbot, search):
    search.show_items(["donkey · noto", "zebra · noto", "zebra · twemoji"])
    qtbot.keyClicks(search, "zeb")
    popup = search.completer().popup()
    qtbot.waitUntil(popup.isVisible, timeout=1000)
    with qtbot.waitSignal(search.item_asked) as asked, qtbot.assertNotEmitted(search.text_asked, wait=20):
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
    assert asked.args == [2]
    qtbot.waitUntil(lambda: search.text() == "", timeout=1000)


def test_words_that_begin_a_title_are_still_words(qtbot, search):
    search.show_items(["zebra · noto"])
    qtbot.keyClicks(search, "zebra")
    with qtbot.waitSignal(search.text_asked) as asked:
        QTest.keyClick(search.completer().popup(), Qt.Key.Key_Return)
    assert asked.args == ["zebra"]


def test_a_pasted_picture_asks_with_its_bytes(qtbot, search):
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QGuiApplication.clipboard().setImage(image)
    with qtbot.waitSignal(search.picture_asked) as asked:
        QTest.keyClick(search, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert QImage.fromData(asked.args[0]).pixelColor(3, 3) == QColor("red")


def test_pasted_words_stay_words(qtbot, search):
    QGuiApplication.clipboard().setText("a zebra")
    QTest.keyClick(search, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert search.text() == "a zebra"


def test_a_dropped_file_is_asked_by_its_path(qtbot, search):
    mime = QMimeData()
    path = Path("zebra.png").resolve()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    with qtbot.waitSignal(search.file_asked) as asked:
        assert search.take(mime)
    assert asked.args == [path]
    words = QMimeData()
    words.setText("zebra")
    assert not search.take(words)
