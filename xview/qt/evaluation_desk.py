"""The evaluation dock, bound to the store and the judgements."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from xview.metrics.table import Request
from xview.qt.desk import Desk
from xview.qt.evaluations import Evaluations, Row
from xview.qt.panels.evaluation import EvaluationPanel
from xview.qt.store import Store
from xview.retrieval.registry import RANKERS
from xview.session.state import ColourBy, ItemsQuery


class EvaluationDesk(Desk):
    """A cell opens its ranker and direction, with the maps coloured by average precision."""

    failed = Signal(str)

    def __init__(self, store: Store, evaluations: Evaluations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._evaluations = store, evaluations
        self._requests: list[Request] = []
        self._rows: list[Row] = []
        self._panel: EvaluationPanel | None = None
        QVBoxLayout(self).setContentsMargins(0, 0, 0, 0)
        evaluations.judged.connect(self._refresh)
        evaluations.moved.connect(self._show_progress)

    @property
    def panel(self) -> EvaluationPanel:
        """What is shown, made when it is first needed."""
        if self._panel is None:
            self._panel = panel = EvaluationPanel(self)
            self.layout().addWidget(panel)  # type: ignore[union-attr]
            panel.run_asked.connect(self._evaluations.run)
            panel.cancel_asked.connect(self._evaluations.cancel)
            panel.opened.connect(self._open)
            panel.failed.connect(self.failed)
        return self._panel

    def look(self) -> None:
        """Catch up."""
        self._refresh()
        self._show_progress()

    def _refresh(self) -> None:
        if not self.seen:
            return
        judgements = self._evaluations.judgements()
        self._requests = [request for request, _ in judgements]
        several = len({request.spaces.shared for request in self._requests}) > 1
        self._rows = [{**row, "ranker": _called(request, several)} for request, row in judgements]
        queries = sum(int(row["queries"]) for row in self._rows)
        self.panel.show_rows(self._rows, f"{queries:,} rankings judged" if queries else "")

    def _show_progress(self) -> None:
        if not self.seen:
            return
        run = self._evaluations.run_in_hand
        if run is None:
            self.panel.show_progress(None)
        else:
            self.panel.show_progress(run.fraction, running=True, seconds_left=run.job.seconds_left)

    def _open(self, row: Row, _measure: str) -> None:
        """Show the ranker and direction of a row, and the query it answers worst."""
        request = self._requests[self._rows.index(row)]
        order = self._evaluations.worst_first(request)
        query = None
        if order is not None and len(order):
            task = self._store.workspace.task(request.protocol)
            query = ItemsQuery((str(task.queries.ids[task.query_rows[order[0]]]),))
        self._store.ask(
            protocol=request.protocol,
            spaces=request.spaces,
            ranker=request.ranker,
            settings=self._store.state.with_settings(request.ranker, request.settings),
            query=query,
            why=None,
            colour_by=ColourBy.AP,
            hidden=frozenset(),
        )


def _called(request: Request, tell_space: bool) -> str:
    """The ranker, perhaps its space, and the settings that are not its defaults."""
    kind, defaults = RANKERS[request.ranker], RANKERS[request.ranker].settings().to_mapping()
    values = request.settings.to_mapping()
    symbols = {parameter.key: parameter.symbol for parameter in request.settings.parameters()}
    other = [f"{symbols[key]} {value}" for key, value in values.items() if value != defaults[key]]
    return " · ".join([kind.title, *[request.spaces.shared] * tell_space, *[", ".join(other)] * bool(other)])
