"""`events.jsonl` read while it grows: every call takes what is new."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path

from xview.jobs.events import Progress, decode

_MOST = 1 << 19  # bytes a call, some 25 ms: a long run is read in parts


class Journal:
    """What a run reported, by metric.

    A run that goes on from a checkpoint may come by a step again. Its record of a step that is not later than
    one before replaces everything from there on, so the curves are those of a run never interrupted.

    Attributes:
        last: The newest progress, None before the first.
        learnt: The newest that counts steps of training and comes with metrics, None before the first.
        curves: By metric, rising steps and the values there; they grow in place.
    """

    def __init__(self, path: Path) -> None:
        self.last: Progress | None = None
        self.learnt: Progress | None = None
        self.curves: dict[str, tuple[list[int], list[float]]] = {}
        self._path = path
        self._read = 0  # bytes

    def poll(self) -> bool:
        """Read what was appended; True if there was anything, and then there may be more."""
        try:
            size = self._path.stat().st_size
            if size < self._read:  # begun anew
                self.__init__(self._path)  # type: ignore[misc]
            if size == self._read:
                return False
            with self._path.open("rb") as file:
                file.seek(self._read)
                block = file.read(_MOST)
        except OSError:
            return False
        whole = block.rfind(b"\n") + 1  # a line still being written is read when it is whole
        self._read += whole
        for line in block[:whole].splitlines():
            self._take(line)
        return whole > 0

    def _take(self, line: bytes) -> None:
        try:
            event = decode(line.decode("utf-8", "replace"))
        except ValueError:  # cut short by a kill
            return
        if not isinstance(event, Progress):
            return
        self.last = event
        if not event.metrics:
            return
        if self.learnt is not None and event.done <= self.learnt.done:
            for steps, values in self.curves.values():
                kept = bisect_left(steps, event.done)
                del steps[kept:], values[kept:]
        self.learnt = event
        for name, value in event.metrics.items():
            steps, values = self.curves.setdefault(name, ([], []))
            steps.append(event.done)
            values.append(value)
