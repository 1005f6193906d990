import pytest
from PySide6.QtCore import Qt

from xview.qt.maps.legend import Legend
from xview.qt.palette import class_colours

LEFT = Qt.MouseButton.LeftButton


def make(qtbot, classes=5, width=780):
    legend = Legend()
    qtbot.addWidget(legend)
    names = [f"class number {k}" for k in range(classes)]
    legend.set_classes(names, class_colours(classes, dark=False), range(1, classes + 1))
    legend.set_marks(["sketches", "images", "texts"])
    legend.resize(width, legend.height())
    with qtbot.waitExposed(legend):
        legend.show()
    return legend


def heard(signal):
    calls = []
    signal.connect(calls.append)
    return calls


def double_click(qtbot, button):
    """As a hand does it: the first click counts too."""
    qtbot.mouseClick(button, LEFT)
    qtbot.mouseDClick(button, LEFT)


def test_a_click_hides_and_another_shows(qtbot):
    legend = make(qtbot)
    hidden = heard(legend.hidden_changed)
    qtbot.mouseClick(legend.entries[2], LEFT)
    qtbot.mouseClick(legend.entries[4], LEFT)
    qtbot.mouseClick(legend.entries[2], LEFT)
    assert hidden == [{2}, {2, 4}, {4}]
    assert [entry.isChecked() for entry in legend.entries] == [True, True, True, True, False]


def test_a_double_click_isolates_and_another_shows_all(qtbot):
    legend = make(qtbot)
    hidden = heard(legend.hidden_changed)
    double_click(qtbot, legend.entries[1])
    assert hidden[-1] == {0, 2, 3, 4}
    double_click(qtbot, legend.entries[1])
    assert hidden[-1] == frozenset()


def test_modalities_are_hidden_apart_from_classes(qtbot):
    legend = make(qtbot)
    hidden, marks = heard(legend.hidden_changed), heard(legend.marks_hidden_changed)
    double_click(qtbot, legend.marks[0])
    assert marks[-1] == {1, 2} and not hidden


def test_show_all_appears_when_something_is_hidden_and_undoes_it(qtbot):
    legend = make(qtbot)
    assert not legend.show_all.isVisible()
    qtbot.mouseClick(legend.entries[0], LEFT)
    qtbot.mouseClick(legend.marks[1], LEFT)
    qtbot.mouseClick(legend.show_all, LEFT)
    assert legend.hidden == legend.hidden_marks == frozenset()
    assert not legend.show_all.isVisible()


def test_the_store_moves_the_legend_without_echo(qtbot):
    legend = make(qtbot)
    hidden = heard(legend.hidden_changed)
    legend.show_hidden(frozenset({3}), frozenset({0}))
    assert not legend.entries[3].isChecked() and not legend.marks[0].isChecked() and not hidden


@pytest.mark.parametrize("width", [300, 520, 780, 1400])
@pytest.mark.parametrize("classes", [1, 9, 56, 100])
def test_entries_lie_in_two_rows_and_upon_nothing(qtbot, width, classes):
    legend = make(qtbot, classes, width)
    legend.show_hidden(frozenset({0}), frozenset())
    shown = [entry for entry in legend.entries if entry.isVisible()]
    others = [button for button in (*legend.marks, legend.more, legend.show_all) if button.isVisible()]
    boxes = [widget.geometry() for widget in (*shown, *others)]
    assert not any(a.intersects(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert len({entry.y() for entry in shown}) <= 2
    assert all(box.bottom() <= legend.height() for box in boxes)
    beyond = classes - len(shown)
    assert legend.more.isVisible() == (beyond > 0)
    if beyond:
        assert legend.more.text() == f"{beyond} more …"


def test_the_menu_holds_every_class_and_filters_as_one_types(qtbot):
    legend = make(qtbot, 56)
    hidden = heard(legend.hidden_changed)
    qtbot.mouseClick(legend.more, LEFT)
    menu = legend.menu
    assert menu.list.count() == 56
    qtbot.keyClicks(menu.search, "number 49")
    left = [row for row in range(56) if not menu.list.item(row).isHidden()]
    assert left == [49]
    menu.list.item(49).setCheckState(Qt.CheckState.Unchecked)
    assert hidden == [{49}] and not legend.entries[49].isChecked()
    menu.list.itemDoubleClicked.emit(menu.list.item(49))
    assert hidden[-1] == frozenset(range(56)) - {49}
    menu.close()


def test_the_menu_is_filled_when_it_opens_with_what_is_hidden_by_then(qtbot):
    """Thousands of classes take a second; the last ones set count."""
    legend = make(qtbot, 100)
    assert legend.menu.list.count() == 0
    legend.set_classes([f"n{i}" for i in range(90)], ["#123456"] * 90, [1] * 90)
    legend.show_hidden(frozenset({85}), frozenset())
    for _ in range(2):
        qtbot.mouseClick(legend.more, LEFT)
        ticked = [legend.menu.list.item(row).checkState() == Qt.CheckState.Checked for row in range(90)]
        assert legend.menu.list.count() == 90 and not ticked[85] and sum(ticked) == 89
        legend.menu.close()


def test_a_scale_takes_the_place_of_classes(qtbot):
    legend = make(qtbot, 56)
    legend.set_scale("average precision", 0.0, 0.98, class_colours(8, dark=False))
    assert legend.scale.isVisible() and not legend.more.isVisible() and not legend.entries
    picture = legend.scale.grab().toImage()
    middle = {picture.pixel(x, picture.height() // 2) for x in range(picture.width())}
    assert len(middle) > 8
    legend.set_classes(["one"], ["#ff0000"], [3])
    assert not legend.scale.isVisible() and len(legend.entries) == 1


def test_entries_name_themselves(qtbot):
    legend = make(qtbot)
    assert legend.entries[0].accessibleName() == "class number 0"
    assert "1 items" in legend.entries[0].toolTip()
