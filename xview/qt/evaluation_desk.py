"""The evaluation dock, bound to the store and the judgements."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.qt.evaluations import Evaluations, Row
from xview.qt.panels.evaluation import EvaluationPanel
from xview.qt.store import Store
from xview.retrieval.registry import RANKERS
from xview.session.state import ColourBy


class EvaluationDesk(QWidget):
    """A cell opens its ranker and direction, with the maps coloured by average precision."""

    failed = Signal(str)

    def __init__(self, store: Store, evaluations: Evaluations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._evaluations = store, evaluations
        self.panel = EvaluationPanel(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        self.panel.run_asked.connect(evaluations.run)
        self.panel.cancel_asked.connect(evaluations.cancel)
        self.panel.opened.connect(self._open)
        self.panel.failed.connect(self.failed)
        evaluations.judged.connect(self._refresh)
        evaluations.moved.connect(self._show_progress)
        self._refresh()

    def _refresh(self) -> None:
        rows = self._evaluations.rows()
        titled = [{**row, "ranker": RANKERS[str(row["ranker"])].title} for row in rows]
        queries = sum(int(row["queries"]) for row in rows)
        self.panel.show_rows(titled, f"{queries:,} rankings judged" if rows else "")

    def _show_progress(self) -> None:
        run = self._evaluations.run_in_hand
        if run is None:
            self.panel.show_progress(None)
        else:
            self.panel.show_progress(run.fraction, running=True, seconds_left=run.job.seconds_left)

    def _open(self, row: Row, _measure: str) -> None:
        name = next((kind.name for kind in RANKERS.values() if kind.title == row["ranker"]), "")
        request = self._evaluations.request_of(row | {"ranker": name})
        if request is not None:
            state = self._store.state
            self._store.ask(
                protocol=request.protocol,
                spaces=request.spaces,
                ranker=request.ranker,
                settings=state.with_settings(request.ranker, request.settings),
                query=state.query if request.protocol == self._store.resolved.task.protocol else None,
                why=None,
                colour_by=ColourBy.AP,
                hidden=frozenset(),
            )
