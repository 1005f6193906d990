from __future__ import annotations

import csv
import io

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from xview.errors import DataError
from xview.qt.panels.evaluation import EvaluationPanel
from xview.qt.panels.evaluation_table import as_csv, as_latex, best_of


def row(ranker, query, gallery, ap, **more):
    return {
        "ranker": ranker,
        "query": query,
        "gallery": gallery,
        "parameters": {"alpha": 0.99},
        "measures": {"mAP": ap, "rank-1": ap / 2},
        "queries": 672,
        "queries_without_match": 3,
        "cmc": [ap, 1.0],
        "pr": {"recall": [0.5, 1.0], "precision": [1.0, ap]},
        **more,
    }


ROWS = [
    row("knn", "sketches", "images", 0.350123),
    row("heterogeneous", "sketches", "images", 0.418),
    row("knn", "images", "sketches", 0.9),
    row("heterogeneous", "images", "sketches", 0.1),
]


@pytest.fixture
def panel(qtbot):
    made = EvaluationPanel()
    made.resize(800, 260)
    qtbot.addWidget(made)
    made.show()
    return made


def column(panel, place):
    return [panel.table.item(i, place).text() for i in range(panel.table.rowCount())]


def test_nothing_judged_says_what_to_do_and_asks(qtbot, panel):
    assert any("mAP" in w.text() and w.isVisible() for w in panel.findChildren(QLabel))
    assert not panel.export.isEnabled()
    with qtbot.waitSignal(panel.run_asked):
        qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)


def test_a_running_evaluation_can_be_cancelled(qtbot, panel):
    panel.show_progress(0.4, running=True, seconds_left=70)
    assert not panel.run.isVisible()
    with qtbot.waitSignal(panel.cancel_asked):
        qtbot.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    panel.show_progress(None)
    assert panel.run.isVisible() and not panel.cancel.isVisible()


def test_every_row_and_measure_is_there_and_the_best_is_bold_in_its_direction(panel):
    panel.show_rows(ROWS, "672 queries in 0.4 s")
    assert column(panel, 2) == ["0.350", "0.418", "0.900", "0.100"]
    bold = [panel.table.item(i, 2).font().bold() for i in range(4)]
    assert bold == [False, True, True, False]


def test_headings_sort_by_number_not_by_letters(qtbot, panel):
    panel.show_rows([row("a", "x", "y", 0.1, queries=9), row("b", "x", "y", 0.2, queries=1000)])
    header = panel.table.horizontalHeader()
    last = panel.table.columnCount() - 1
    at = QPoint(header.sectionViewportPosition(last) + 8, 8)
    for _ in range(2):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    ascending = header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
    assert column(panel, last) == (["9", "1,000"] if ascending else ["1,000", "9"])


def test_a_cell_opens_its_queries_also_after_sorting(qtbot, panel):
    panel.show_rows(ROWS)
    panel.table.sortItems(2, Qt.SortOrder.DescendingOrder)
    at = panel.table.visualItemRect(panel.table.item(0, 3)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    with qtbot.waitSignal(panel.opened) as opened:
        QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args == [ROWS[2], "rank-1"]


def test_curves_follow_the_rows_and_the_kind(qtbot, panel):
    panel.show_rows(ROWS)
    assert panel._curves.drawn == 4
    panel.show_rows([row("knn", "a", "b", 0.5, cmc=None), ROWS[0]])
    assert panel._curves.drawn == 1
    qtbot.mouseClick(panel.kinds.button("pr"), Qt.MouseButton.LeftButton)
    assert panel._curves.drawn == 2


def test_curves_are_not_loaded_before_there_is_one(panel):
    panel.show_rows([])
    assert panel._curves is None


def test_names_from_outside_are_never_markup(panel):
    panel.show_rows([row("<b>knn</b>", "a", "b", 0.5)])
    assert "<b>knn" not in panel._curves._legend.text()


def test_csv_keeps_every_digit_and_the_parameters():
    table = list(csv.DictReader(io.StringIO(as_csv(ROWS))))
    assert float(table[0]["mAP"]) == 0.350123
    assert (table[3]["query"], table[3]["alpha"], table[3]["queries_without_match"]) == (
        "images",
        "0.99",
        "3",
    )


def test_latex_is_escaped_and_marks_the_best():
    text = as_latex([row("k_nn & co", "a_b", "c", 0.5), row("other", "a_b", "c", 0.25)])
    assert r"k\_nn \& co & a\_b $\to$ c & \textbf{50.0}" in text
    assert text.count(r"\textbf") == 2
    assert text.startswith(r"\begin{tabular}{llrr}") and text.endswith("\\end{tabular}\n")


def test_missing_measures_are_never_best():
    rows = [row("a", "x", "y", 0.5), {**row("b", "x", "y", 0.5), "measures": {}}]
    assert best_of(rows, "mAP") == {0}


@pytest.mark.parametrize("name", ["table.csv", "table.tex", "plot.png", "plot.svg"])
def test_exports_write_what_they_say(panel, tmp_path, name):
    panel.show_rows(ROWS)
    panel.save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if name.endswith("png"):
        assert QImage(str(tmp_path / name)).width() > 50
    else:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert ("<svg" if name.endswith("svg") else "knn") in text


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(panel, tmp_path):
    panel.show_rows(ROWS)
    with pytest.raises(DataError, match=r"ends in \.csv"):
        panel.save(tmp_path / "table.doc")
    with pytest.raises(DataError, match="cannot write"):
        panel.save(tmp_path / "no such folder" / "table.csv")
    assert list(tmp_path.iterdir()) == []


def test_cells_are_copied_as_a_table(qtbot, panel):
    panel.show_rows(ROWS)
    panel.table.selectAll()
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].split("\t")[:3] == ["knn", "sketches → images", "0.350"]
    assert len(lines) == 4
