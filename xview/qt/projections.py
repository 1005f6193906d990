"""Maps that are not there yet: computed in a worker, one job a map, cancellable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from safetensors.numpy import load_file

from xview.qt.store import Store
from xview.qt.work import Run, Work
from xview.session.workspace import FLAT_METHOD, MapKey


@dataclass(frozen=True, slots=True)
class MapStatus:
    """What to say on a map that is not there; `fraction` is the share done, None unknown."""

    text: str
    fraction: float | None
    running: bool


class Projections(QObject):
    """Starts a projection when a map asks for one, and extends the workspace when it is done."""

    moved = Signal()

    def __init__(self, store: Store, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._work = store, work
        self._runs: dict[MapKey, Run] = {}
        self._lost: dict[MapKey, str] = {}
        store.opened.connect(self._forget)
        work.changed.connect(self.moved)

    def request(self, key: MapKey, *, again: bool = False) -> None:
        """Compute a map unless that is under way, or was given up and not asked for `again`.

        A map of the same space by another method is no longer wanted and gives way.
        """
        if key in self._runs or (key in self._lost and not again):
            return
        self._lost.pop(key, None)
        for other in [known for known in self._runs if known.space == key.space]:
            self._work.cancel(self._runs.pop(other))
        if key.method == FLAT_METHOD:  # what is flat came with its map
            self._lost[key] = "Only two-dimensional vectors can be drawn as they are."
            return
        workspace = self._store.workspace
        run = self._runs[key] = self._work.start(
            f"{key.method.upper()} of {key.space}",
            "project" if key.method == "umap" else "project_unwarmed",
            {
                "data": workspace.dataset.source,
                "unseen": workspace.unseen,
                "space": key.space,
                "method": key.method,
            },
            lambda folder: self._take(key, run, folder),
            lambda reason: self._give_up(key, run, reason),
        )

    def cancel(self, space: str) -> None:
        """Stop computing the map of a space."""
        for key, run in self._runs.items():
            if key.space == space:
                self._work.cancel(run)

    def status(self, space: str) -> MapStatus | None:
        """What to say on the map of a space as the store asks for it; None where it is there."""
        key = MapKey(space, self._store.state.method_of(space))
        if key in self._runs:
            run = self._runs[key]
            return MapStatus(f"Computing {key.method.upper()} …", run.fraction, running=True)
        if key in self._lost:
            return MapStatus(self._lost[key], None, running=False)
        return None

    def _take(self, key: MapKey, run: Run, run_dir: Path) -> None:
        if self._runs.get(key) is not run:
            return  # of other data, or no longer wanted
        layout = load_file(run_dir / "map.safetensors")["map"]
        extended = self._store.workspace.with_map(key, layout)
        del self._runs[key]
        self._store.extend(extended)

    def _give_up(self, key: MapKey, run: Run, reason: str) -> None:
        if self._runs.get(key) is run:
            del self._runs[key]
            self._lost[key] = reason or "Cancelled. Choose the method again to compute this map."
            self.moved.emit()

    def _forget(self, _workspace: object) -> None:
        for run in self._runs.values():
            self._work.cancel(run)
        self._runs, self._lost = {}, {}
