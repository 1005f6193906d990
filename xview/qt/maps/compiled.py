"""The compiled loops once they are ready. They load beside the window, never before its eyes.

Decisions
    2026-11-22  Until they are ready maps paint with numpy, so that no frame waits for a compiler, and small
                maps never load numba at all.
"""

from __future__ import annotations

import threading
from types import ModuleType

_ready: ModuleType | None = None
_loading: threading.Thread | None = None


def kernels() -> ModuleType | None:
    """`xview.qt.maps.kernels` if it has been loaded, else None."""
    return _ready


def load() -> ModuleType:
    """Load it now: half a second, and some more where nothing was compiled before."""
    global _ready
    from xview.qt.maps import kernels

    _ready = kernels
    return kernels


def warm_up() -> None:
    """Load it in a thread of its own, once."""
    global _loading
    if _loading is None and _ready is None:
        _loading = threading.Thread(target=load, name="compiled maps", daemon=True)
        _loading.start()
