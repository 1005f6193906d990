"""No test reads or leaves anything in the user's own folders, and none needs a screen."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

_number = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    # said by the offscreen platform of every window with a least size; real platforms obey it
    config.addinivalue_line("qt_log_ignore", "does not support propagateSizeHints")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a script that runs the tests in the background has them ignore Ctrl-C, and their children, too
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of the test's own for state and runs (which need not exist), and a cache for all tests."""
    base, number = tmp_path_factory.getbasetemp(), next(_number)
    monkeypatch.setenv("XVIEW_CACHE", str(base / "cache"))
    monkeypatch.setenv("XVIEW_STATE", str(base / f"state-{number}"))
    monkeypatch.setenv("XVIEW_RUNS", str(base / f"runs-{number}"))
    return base
