"""One background thread for work that lets go of the interpreter; answers return as signals."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from xview.errors import XViewError


def use_one_blas_thread() -> None:
    """Let linear algebra in this process run on one core; workers are not concerned.

    Where other programs keep the cores busy, BLAS threads wait for one another and hold the interpreter
    meanwhile (a Cholesky factor of 765 items: 2.5 s instead of 20 ms, and the window stood still).
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


class OvertakenError(Exception):
    """Raised inside long work that is out of date; ends it without a word."""


class Latest(QObject):
    """Runs the newest request only: one at a time, older ones waiting are forgotten, late answers dropped.

    `request` returns at once. `done` carries what the callable returned, `failed` an `XViewError`'s message,
    both on the GUI thread; any other exception is a bug and goes to `broke` to be shown with its traceback.
    Long work calls `go_on` between its steps, so that what is out of date makes room.
    """

    done = Signal(object)
    failed = Signal(str)
    broke = Signal(object)
    busy = Signal(bool)
    _arrived = Signal(int, object, object)  # generation, value, exception

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._generation = self._delivered = 0
        self._running = 0  # generation of the work in hand
        self._next: tuple[int, Callable[[], Any]] | None = None
        self._wake = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._arrived.connect(self._deliver)

    @property
    def working(self) -> bool:
        """Whether the newest request is still to be delivered."""
        return self._delivered != self._generation

    def request(self, work: Callable[[], Any]) -> None:
        """Run `work` in the background; whatever was asked before is out of date."""
        with self._wake:
            if self._closed:
                return
            self._generation += 1
            self._next = (self._generation, work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._wake.notify()
        self.busy.emit(True)

    def forget(self) -> None:
        """Drop what is waiting or running; nothing will be delivered for it."""
        with self._wake:
            self._generation += 1
            self._delivered = self._generation
            self._next = None
        self.busy.emit(False)

    def go_on(self) -> None:
        """Raise `OvertakenError` if the work in hand is out of date; to be called by that work."""
        if self._running != self._generation:
            raise OvertakenError

    def close(self) -> None:
        """Stop the thread after the work in hand."""
        with self._wake:
            self._closed = True
            self._generation += 1
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closed or self._next is not None)
                if self._closed or self._next is None:
                    return
                generation, work = self._next
                self._next = None
                self._running = generation
            value, error = None, None
            try:
                value = work()
            except Exception as exception:
                error = exception
            if not self._closed:
                self._arrived.emit(generation, value, error)

    def _deliver(self, generation: int, value: object, error: Exception | None) -> None:
        if generation != self._generation or self._closed:
            return
        self._delivered = generation
        self.busy.emit(False)
        if error is None:
            self.done.emit(value)
        elif isinstance(error, XViewError):
            self.failed.emit(str(error))
        else:
            self.broke.emit(error)
