"""What takes long to load waits until somebody needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"torch", "umap", "pyqtgraph", "scipy.stats", "scipy.optimize", "numba", "sklearn", "matplotlib"}


def test_the_window_starts_without_what_it_may_never_need() -> None:
    code = f"import sys; from xview.qt import commands, desks; print(*sorted({HEAVY} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
