"""The figures of the fusion dock, bound to the store, what was judged, and the maps."""

from __future__ import annotations

import numpy as np

from xview.arrays import Doubles, Ints
from xview.jobs.fusion import MATRIX as SCORES
from xview.metrics.fusion_matrix import Subset, seeded_subset, selected_subset
from xview.qt.fusions import Drawn, Fusions, unweighted
from xview.qt.maps_desk import MapsDesk
from xview.qt.panels.fusion import CURVES, MATRIX, SCATTER, FusionPanel
from xview.qt.panels.item_table import Column, Items
from xview.qt.store import Store
from xview.retrieval.fusion import FusedRanking, FusionSettings, Mixing
from xview.retrieval.fusion_weights import parse_weights
from xview.session.scene import NO_CATEGORY
from xview.session.state import ItemsQuery, selection_of

NOT_RANKED = "Rank by Fusion and ask a query: its score curves appear here."
NOT_JUDGED = "Not judged yet on all queries; that starts by itself where it is quick, else press the button."
SCORING = "Scoring …"
NOT_SCORED = "Nothing was scored; choose another subset or seed to try again."
NOT_SELECTED = "Nothing is selected among the items of this protocol: lasso some on a map."


class FusionFigures:
    """Draws the figure on screen only; every point, cell and line is a door to its query."""

    def __init__(self, panel: FusionPanel, store: Store, fusions: Fusions, maps: MapsDesk) -> None:
        self._panel, self._store, self._fusions, self._maps = panel, store, fusions, maps
        self._against = 0
        self._titles: tuple[str, ...] = ()
        self._asked: tuple[object, ...] = ()  # of the matrix asked for last
        self._connected: set[str] = set()
        panel.gains.picked.connect(self._ask)
        panel.gains.against_asked.connect(self._hold_against)

    def show(self, ranking: FusedRanking | None, titles: tuple[str, ...]) -> None:
        """Draw the figure on screen.

        Args:
            ranking: The answer on screen, if a fusion gave it.
            titles: What people call the sources.
        """
        self._titles = titles
        self._panel.turn()
        self._connect(self._panel.figure)
        if self._panel.figure == CURVES:
            self._show_curves(ranking)
        elif self._panel.figure == SCATTER:
            self._show_scatter()
        elif self._panel.figure == MATRIX:
            self._show_matrix()
        else:
            self._show_gains()

    def _connect(self, figure: str) -> None:
        """Figures are made when first shown, and connected then."""
        if figure in self._connected:
            return
        self._connected.add(figure)
        if figure == CURVES:
            self._panel.curves.picked.connect(self._explain)
        elif figure == SCATTER:
            self._panel.scatter.picked.connect(self._ask)
            self._panel.scatter.selected.connect(self._select)
            self._panel.scatter.coloured.connect(self._colour)
        elif figure == MATRIX:
            self._panel.matrix.asked.connect(self._show_matrix)
            self._panel.matrix.source_asked.connect(lambda _place: self._show_matrix())
            self._panel.matrix.picked.connect(self._ask_cell)

    # curves

    def _show_curves(self, ranking: FusedRanking | None) -> None:
        if ranking is None or len(ranking.sources) != len(self._titles):
            self._panel.curves.show_nothing(NOT_RANKED)
        else:
            self._panel.curves.show_ranking(ranking, self._titles)

    def _explain(self, position: int) -> None:
        asked = self._store.resolved
        other = asked.other is not None and asked.ranker.name != "fusion" and asked.other.name == "fusion"
        self._store.ask(why=self._gallery_id(position), why_in_other=other)

    def _gallery_id(self, position: int) -> str:
        task = self._store.resolved.task
        return str(task.gallery.ids[task.gallery_rows[position]])

    # weights of all queries

    def _show_scatter(self) -> None:
        mixture, task = self._fusions.mixture, self._store.resolved.task
        if mixture is None or mixture.ap.shape[1] != len(task.query_rows):
            self._panel.scatter.show_nothing(NOT_JUDGED)
            return
        classes = self._store.workspace.dataset.classes
        codes = np.where(task.query_labels < 0, len(classes), task.query_labels)  # colours as on the maps
        names = (*classes, NO_CATEGORY)
        self._panel.scatter.show_mixture(mixture, self._fusions.fused, self._titles, codes, names, self._tell)
        self._panel.scatter.mark(self._number())

    def _tell(self, number: int) -> str:
        """A query's title and class."""
        task = self._store.resolved.task
        label = int(task.query_labels[number])
        told = f" · {self._store.workspace.dataset.classes[label]}" if label >= 0 else ""
        return f"{task.queries.titles[task.query_rows[number]]}{told}"

    def _select(self, numbers: Ints) -> None:
        task = self._store.resolved.task
        self._store.ask(selection=selection_of({task.protocol.query: task.query_rows[numbers]}))

    def _colour(self, title: str, values: Doubles) -> None:
        task = self._store.resolved.task
        shown = np.full(len(task.queries), np.nan)
        shown[task.query_rows] = values
        self._maps.show_figure(title, {task.protocol.query: shown})

    def _ask(self, number: int) -> None:
        task = self._store.resolved.task
        self._store.ask_item(task.protocol.query, int(task.query_rows[number]))

    def _number(self) -> int:
        """Number of the query on screen, -1 where it is none of the task's or there are several."""
        resolved = self._store.resolved
        if len(resolved.query_rows) != 1:
            return -1
        found = np.flatnonzero(resolved.task.query_rows == resolved.query_rows[0])
        return int(found[0]) if found.size else -1

    # the matrix

    def _show_matrix(self) -> None:
        page, task = self._panel.matrix, self._store.resolved.task
        page.show_sources(self._titles)
        selected = page.subset.choice == "selected"
        selection = self._store.resolved.view.selection if selected else ()
        request, drawn = self._fusions.request, self._fusions.drawn
        if request is None:
            return
        key = (unweighted(request), selection, selected, page.each.value(), page.seed.value())
        if key != self._asked:
            subset = (
                selected_subset(task, {modality: np.asarray(rows) for modality, rows in selection})
                if selected
                else seeded_subset(task, page.each.value(), page.seed.value())
            )
            if not len(subset.queries) or not len(subset.gallery):
                page.show_nothing(NOT_SELECTED)
                return
            self._asked = key
            self._fusions.draw(subset)
        elif drawn is not None:
            self._draw_matrix(drawn)
            return
        if drawn is None:
            page.show_nothing(SCORING if self._fusions.run_of(SCORES) is not None else NOT_SCORED)

    def _draw_matrix(self, drawn: Drawn) -> None:
        task, subset, names = (
            self._store.resolved.task,
            drawn.subset,
            self._store.workspace.dataset.classes,
        )
        labels = task.query_labels[subset.queries], task.gallery_labels[subset.gallery]
        self._panel.matrix.show_scores(
            drawn.matrix,
            self._fixed_weights(len(drawn.matrix.names)),
            (task.protocol.query, task.protocol.gallery),
            labels,
            names,
            _told(subset),
            lambda row, column: self._tell_cell(subset, row, column),
        )
        number, why = self._number(), self._store.resolved.why
        row = np.flatnonzero(subset.queries == number)
        column = np.flatnonzero(task.gallery_rows[subset.gallery] == (-1 if why is None else why))
        self._panel.matrix.mark(int(row[0]) if row.size else -1, int(column[0]) if column.size else -1)

    def _fixed_weights(self, sources: int) -> Doubles | None:
        """(s,) weights of the fusion in force; None where every query has its own."""
        settings = self._store.resolved.view.settings_of("fusion")
        assert isinstance(settings, FusionSettings)
        if settings.mode is Mixing.ADAPTIVE:
            return None
        by_hand = settings.mode is Mixing.WEIGHTED
        weights = parse_weights(settings.weights if by_hand else "", [str(i) for i in range(sources)])
        return np.asarray(weights / weights.sum())

    def _tell_cell(self, subset: Subset, row: int, column: int) -> str:
        task = self._store.resolved.task
        gallery = int(task.gallery_rows[subset.gallery[column]])
        label = int(task.gallery.labels[gallery])
        told = f" · {self._store.workspace.dataset.classes[label]}" if label >= 0 else ""
        return f"{self._tell(int(subset.queries[row]))}\n{task.gallery.titles[gallery]}{told}"

    def _ask_cell(self, row: int, column: int) -> None:
        drawn, task = self._fusions.drawn, self._store.resolved.task
        if drawn is not None:
            query = task.queries.ids[task.query_rows[drawn.subset.queries[row]]]
            self._store.ask(
                ranker="fusion",
                query=ItemsQuery((str(query),)),
                why=self._gallery_id(int(drawn.subset.gallery[column])),
                why_in_other=False,
            )

    # gains

    def _show_gains(self) -> None:
        mixture, fused, task = self._fusions.mixture, self._fusions.fused, self._store.resolved.task
        page = self._panel.gains
        if mixture is None or fused is None or len(fused) != len(task.query_rows):
            page.show_nothing(NOT_JUDGED)
            return
        self._against = min(self._against, len(self._titles) - 1)
        settings = self._store.resolved.view.settings_of("fusion")
        assert isinstance(settings, FusionSettings)
        page.show_mixture(mixture, fused, self._titles, settings.mode)
        page.show_queries(
            self._items(fused, mixture.ap[self._against], mixture.weights[self._against]), self._against
        )
        page.mark(self._number())

    def _items(self, fused: Doubles, alone: Doubles, weights: Doubles) -> Items:
        """Every query with its change against a source."""
        task, classes = self._store.resolved.task, self._store.workspace.dataset.classes
        rows, change = task.query_rows, np.round(fused - alone, 12)
        titles = task.queries.titles[rows]
        named = np.array([classes[label] if label >= 0 else "" for label in task.query_labels.tolist()])
        title = self._titles[self._against]
        return Items(
            (
                Column(
                    title="query", tip="", values=titles, text=lambda n: str(titles[n]), widest="",
                    figure=False,
                ),
                Column(
                    title="change",
                    tip=f"Average precision of the fusion less that of {title} alone",
                    values=change,
                    text=lambda n: f"{change[n]:+.3f}",
                    widest="+0.000",
                    tone=lambda n: int(np.sign(change[n])),
                ),
                _plain("fusion", "Average precision of the fusion in force", fused),
                _plain("alone", f"Average precision of {title} alone", alone),
                _plain("weight", f"Adaptive weight of {title}", weights),
                Column(
                    title="class", tip="", values=named, text=lambda n: str(named[n]), widest="animal mammal",
                    figure=False,
                ),
            ),
            lambda n: (task.protocol.query, int(rows[n])),
        )  # fmt: skip

    def _hold_against(self, source: int) -> None:
        """List the queries against a source, and open the one the fusion loses most on."""
        self._against = source
        self._show_gains()
        mixture, fused = self._fusions.mixture, self._fusions.fused
        if mixture is not None and fused is not None:
            change = fused - mixture.ap[source]
            if np.isfinite(change).any():
                self._ask(int(np.nanargmin(change)))


def _told(subset: Subset) -> str:
    r, c = len(subset.queries), len(subset.gallery)
    return f"{r:,} of {subset.of_queries:,} × {c:,} of {subset.of_gallery:,}"


def _plain(title: str, tip: str, values: Doubles) -> Column:
    """A column of shares, three digits each."""
    return Column(title=title, tip=tip, values=values, text=lambda n: f"{values[n]:.3f}", widest="0.000")
