"""The only thing a task knows about the process it runs in."""

from __future__ import annotations

from collections.abc import Callable

from xview.jobs.events import Progress


class CancelRequested(BaseException):
    """Unwinds a task; a BaseException so that `except Exception` cannot swallow it."""


def _never() -> bool:
    return False


class Reporter:
    """Takes progress from a task and tells it to stop.

    Args:
        send: Receives every `Progress`.
        cancelled: Whether somebody asked the task to stop.
    """

    def __init__(self, send: Callable[[Progress], None], cancelled: Callable[[], bool] = _never) -> None:
        self._send, self._cancelled = send, cancelled

    def step(self, done: int, total: int, message: str = "", **metrics: float) -> None:
        """Report `done` of `total` steps, then stop here if that was asked for.

        Raises:
            CancelRequested: The task was cancelled; let it pass.
        """
        self._send(Progress(int(done), int(total), message, {k: float(v) for k, v in metrics.items()}))
        self.check()

    def check(self) -> None:
        """Stop here if that was asked for, without a word of progress.

        Raises:
            CancelRequested: The task was cancelled; let it pass.
        """
        if self._cancelled():
            raise CancelRequested
