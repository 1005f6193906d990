"""Small pictures of items, decoded off the GUI thread and kept in an atlas of bounded size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, Qt, QThreadPool, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPixmap

from xview.data.records import Payloads
from xview.errors import XViewError
from xview.qt.pictures import decode, fault_tile, text_tile, vector_tile

CELLS = 16  # cells along a page's edge
LARGE = 512  # longest edge of a large picture, logical pixels
LARGE_KEPT = 24
WAITING = 1024  # older requests are dropped: whoever still needs them asks again when it paints
THREADS = 2


@dataclass(frozen=True, slots=True)
class _Request:
    key: str
    row: int
    large: bool


@dataclass(slots=True)
class _Source:
    payloads: Payloads
    generation: int
    lock: threading.Lock


class Thumbnails(QObject):
    """Pictures by (key, row): a key is a modality, a row a position in its collection.

    Asking never blocks: what is not there yet is None, is decoded by at most two threads, newest request
    first, and announced by `ready`. Sources are read from those threads, one call at a time each.
    Every item has a picture: a text becomes a tile of its words, a bare vector a neutral tile, and what
    cannot be shown a crossed tile whose reason `fault` tells.

    Args:
        size: Edge of a thumbnail, logical pixels.
        ratio: Device pixels per logical pixel.
        megabytes: Bound of the atlas.
    """

    ready = Signal(str, int)
    _arrived = Signal()

    def __init__(
        self, *, size: int = 80, ratio: float = 1.0, megabytes: int = 64, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.size = size
        self.ratio = ratio
        self._cell = round(size * ratio)
        self._page_count = max(1, megabytes * 2**20 // (4 * (self._cell * CELLS) ** 2))
        self._pages: list[QPixmap] = []
        self._slots: OrderedDict[tuple[str, int], int] = OrderedDict()  # least recently used first
        self._free: list[int] = []
        self._large: OrderedDict[tuple[str, int], QPixmap] = OrderedDict()
        self._faults: dict[tuple[str, int], str] = {}
        self._sources: dict[str, _Source] = {}
        self._lock = threading.Lock()  # guards the four below, shared with the threads
        self._wanted: OrderedDict[_Request, None] = OrderedDict()
        self._working: set[_Request] = set()
        self._done: list[tuple[_Request, int, QImage, str]] = []
        self._threads = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._arrived.connect(self._collect, Qt.ConnectionType.QueuedConnection)

    def set_source(self, key: str, payloads: Payloads) -> None:
        """Say where a key's pictures and texts come from; what was known under that key is forgotten."""
        old = self._sources.get(key)
        generation = old.generation + 1 if old else 0
        self._sources[key] = _Source(payloads, generation, threading.Lock())
        with self._lock:
            for request in [r for r in self._wanted if r.key == key]:
                del self._wanted[request]
        for place in [p for p in self._slots if p[0] == key]:
            self._free.append(self._slots.pop(place))
        for kept in (self._large, self._faults):
            for place in [p for p in kept if p[0] == key]:
                del kept[place]

    def get(self, key: str, row: int) -> QPixmap | None:
        """The thumbnail, or None while it is on its way (then `ready` follows) or the key is unknown."""
        found = self._find(key, row)
        if found is None:
            return None
        page, cell = found
        picture = page.copy(cell)
        picture.setDevicePixelRatio(self.ratio)
        return picture

    def draw(self, painter: QPainter, target: QRectF, key: str, row: int) -> bool:
        """Draw the thumbnail straight from the atlas into a square; False while it is on its way."""
        found = self._find(key, row)
        if found is None:
            return False
        page, cell = found
        painter.drawPixmap(target, page, QRectF(cell))
        return True

    def large(self, key: str, row: int) -> QPixmap | None:
        """The picture with its longer edge up to 512 logical pixels, or None while it is on its way."""
        place = (key, row)
        if place in self._large:
            self._large.move_to_end(place)
            return self._large[place]
        self._ask(_Request(key, row, large=True))
        return None

    def decoder(self, key: str) -> Callable[[int, int], QImage]:
        """What decodes, from any thread, a row's picture with its longer edge up to some pixels.

        They are those of the key's present source, whatever it is later.

        Raises:
            KeyError: The key is unknown.
        """
        source = self._sources[key]
        return lambda row, side: _picture(source, row, side)[0]

    def fault(self, key: str, row: int) -> str:
        """Why the item's picture cannot be shown; empty where it can, or is not decoded yet."""
        return self._faults.get((key, row), "")

    @property
    def idle(self) -> bool:
        """Whether nothing asked for is still to be decoded."""
        with self._lock:
            return not self._wanted and not self._working

    def close(self) -> None:
        """Drop what waits and let the threads end; call before the sources go away."""
        with self._lock:
            self._wanted.clear()
        self._pool.waitForDone()

    def _find(self, key: str, row: int) -> tuple[QPixmap, QRect] | None:
        slot = self._slots.get((key, row))
        if slot is None:
            self._ask(_Request(key, row, large=False))
            return None
        self._slots.move_to_end((key, row))
        return self._cell_of(slot)

    def _cell_of(self, slot: int) -> tuple[QPixmap, QRect]:
        page, cell = divmod(slot, CELLS * CELLS)
        y, x = divmod(cell, CELLS)
        return self._pages[page], QRect(x * self._cell, y * self._cell, self._cell, self._cell)

    def _ask(self, request: _Request) -> None:
        if request.key not in self._sources:
            return
        with self._lock:
            if request in self._working:
                return
            self._wanted[request] = None
            self._wanted.move_to_end(request)
            if len(self._wanted) > WAITING:
                self._wanted.popitem(last=False)
            start = self._threads < THREADS
            self._threads += start
        if start:
            self._pool.start(self._work)

    def _work(self) -> None:
        """Decode until nothing is wanted; runs in a pool thread."""
        while True:
            with self._lock:
                if not self._wanted:
                    self._threads -= 1
                    return
                request, _ = self._wanted.popitem(last=True)
                self._working.add(request)
            source = self._sources[request.key]
            side = round((LARGE if request.large else self.size) * self.ratio)
            image, fault = _picture(source, request.row, side)
            with self._lock:
                self._done.append((request, source.generation, image, fault))
                alone = len(self._done) == 1
            if alone:
                self._arrived.emit()

    @Slot()
    def _collect(self) -> None:
        with self._lock:
            done, self._done = self._done, []
            self._working.difference_update(request for request, *_ in done)
        for request, generation, image, fault in done:
            if generation != self._sources[request.key].generation:
                continue
            place = (request.key, request.row)
            if fault:
                self._faults[place] = fault
            if request.large:
                self._keep_large(place, image)
            else:
                self._keep(place, image)
            self.ready.emit(request.key, request.row)

    def _keep_large(self, place: tuple[str, int], image: QImage) -> None:
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(self.ratio)
        self._large[place] = picture
        if len(self._large) > LARGE_KEPT:
            self._large.popitem(last=False)

    def _keep(self, place: tuple[str, int], image: QImage) -> None:
        slot = self._slots[place] if place in self._slots else self._take_slot()
        self._slots[place] = slot
        page, cell = self._cell_of(slot)
        painter = QPainter(page)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(cell, Qt.GlobalColor.transparent)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        fitted = QRect(QPoint(), image.size().scaled(cell.size(), Qt.AspectRatioMode.KeepAspectRatio))
        fitted.moveCenter(cell.center())
        painter.drawImage(fitted, image)
        painter.end()

    def _take_slot(self) -> int:
        if not self._free and len(self._pages) < self._page_count:
            page = QPixmap(self._cell * CELLS, self._cell * CELLS)
            page.fill(Qt.GlobalColor.transparent)
            self._pages.append(page)
            first = (len(self._pages) - 1) * CELLS * CELLS
            self._free.extend(range(first + CELLS * CELLS - 1, first - 1, -1))
        return self._free.pop() if self._free else self._slots.popitem(last=False)[1]


def _picture(source: _Source, row: int, side: int) -> tuple[QImage, str]:
    """What to show of an item, and why it is not its picture if it should have been."""
    try:
        with source.lock:
            data = source.payloads.picture(row)
            text = source.payloads.text(row) if data is None else None
        if data is not None:
            return decode(data, side), ""
    except XViewError as error:
        return fault_tile(side), str(error)
    except Exception as error:  # a source is a reader of files from outside: show it, keep the window alive
        return fault_tile(side), f"cannot read the item: {error}"
    return (text_tile(text, side) if text is not None else vector_tile(side)), ""
