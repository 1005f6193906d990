from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from xview.qt.panels.query_card import QueryCard, QueryInfo


@pytest.fixture
def card(qtbot, thumbnails):
    made = QueryCard(thumbnails)
    made.resize(300, 150)
    qtbot.addWidget(made)
    made.show()
    return made


def words(card):
    return "\n".join(w.text() for w in card.findChildren(QLabel) if w.isVisibleTo(card))


def test_an_item_tells_what_it_is_and_how_well_it_is_answered(card):
    aps = (("heterogeneous", 0.604), ("k-NN", 0.478))
    card.show_query(
        QueryInfo(title="zebra", key="images", rows=(3,), class_name="animal mammal", group="noto", aps=aps)
    )
    told = words(card)
    for part in ("zebra", "animal mammal", "noto", "AP 0.60  heterogeneous", "AP 0.48  k-NN"):
        assert part in told


def test_a_query_without_a_match_says_so_rather_than_zero(card):
    card.show_query(QueryInfo(title="zebra", aps=(("k-NN", None),)))
    assert "no match in the gallery" in words(card)


def test_words_and_warnings_are_shown(card):
    card.show_query(QueryInfo(title="text query", text="a striped horse", notes=("No link to images.",)))
    assert "a striped horse" in words(card)
    assert "⚠ No link to images." in words(card)


def test_no_query_says_how_to_choose_one_and_cannot_be_cleared(card):
    card.show_query(None)
    assert "Click a point" in words(card)
    assert not card.clear.isEnabled()


@pytest.mark.parametrize("name", ["previous", "next", "random", "clear"])
def test_each_key_asks(qtbot, card, name):
    card.show_query(QueryInfo(title="zebra"))
    with qtbot.waitSignal(getattr(card, f"{name}_asked")):
        qtbot.mouseClick(getattr(card, name), Qt.MouseButton.LeftButton)


def test_the_picture_appears_when_it_is_decoded(qtbot, card, thumbnails):
    blank = card.picture.grab().toImage()
    card.show_query(QueryInfo(title="zebra", key="images", rows=(3,)))
    qtbot.waitUntil(lambda: thumbnails.large("images", 3) is not None, timeout=5000)
    assert card.picture.grab().toImage() != blank
    with qtbot.waitSignal(card.opened):
        qtbot.mouseClick(card.picture, Qt.MouseButton.LeftButton)


def test_several_items_make_a_mosaic(qtbot, card, thumbnails):
    card.show_query(QueryInfo(title="12 items", key="images", rows=tuple(range(12))))
    qtbot.waitUntil(lambda: all(thumbnails.get("images", row) is not None for row in range(4)), timeout=5000)
    picture = card.picture.grab().toImage()
    corners = {picture.pixelColor(x, y).name() for x in (15, 60) for y in (15, 60)}
    assert len(corners) == 4


def test_words_from_data_are_never_markup(card):
    card.show_query(QueryInfo(title="query", text="<b>bold</b> <img src='x.png'>"))
    label = next(w for w in card.findChildren(QLabel) if w.text().startswith("<b>"))
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert "<b>" not in label.toolTip()


def test_a_long_title_is_elided_and_told_in_the_tooltip(card):
    card.show_query(QueryInfo(title="a very long title " * 10))
    assert card.title.elided
    assert card.title.toolTip().startswith("a very long title")
