"""The only thing a task knows about the process it runs in."""

from __future__ import annotations

from collections.abc import Callable

from xview.jobs.events import Progress


class CancelRequested(BaseException):
    """Unwinds a task; a BaseException so that `except Exception` cannot swallow it."""


class PauseRequested(CancelRequested):
    """Unwinds a task that leaves behind what it needs to go on another time."""


class StopRequested(BaseException):
    """Ends a task before its time; it keeps what it has, and may raise this again with its result."""

    def __init__(self, result: str | None = None) -> None:
        super().__init__(result)
        self.result = result


def _never() -> bool:
    return False


class Reporter:
    """Takes progress from a task and tells it to stop.

    Args:
        send: Receives every `Progress`.
        cancelled: Whether somebody asked the task to stop; it may raise what else was asked for.
    """

    def __init__(self, send: Callable[[Progress], None], cancelled: Callable[[], bool] = _never) -> None:
        self._send, self._cancelled = send, cancelled

    def step(self, done: int, total: int, message: str = "", **metrics: float) -> None:
        """Report `done` of `total` steps, then stop here if that was asked for.

        Raises:
            CancelRequested: The task was cancelled; let it pass.
        """
        self.tell(done, total, message, **metrics)
        self.check()

    def tell(self, done: int, total: int, message: str = "", **metrics: float) -> None:
        """Report without stopping here, whatever was asked for."""
        self._send(Progress(int(done), int(total), message, {k: float(v) for k, v in metrics.items()}))

    def check(self) -> None:
        """Stop here if that was asked for, without a word of progress.

        Raises:
            CancelRequested: The task was cancelled or is to pause; let it pass.
            StopRequested: The task is to end and keep what it has.
        """
        if self._cancelled():
            raise CancelRequested
