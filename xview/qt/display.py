"""Whether a window can be shown here. Qt aborts the process when it cannot, so this asks first."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import socket
import sys
from pathlib import Path

_OFF_SCREEN = {"offscreen", "minimal", "vnc"}


def why_no_display() -> str:
    """One sentence on why no window can be shown, or the empty string where one can.

    macOS and Windows always have a display. Elsewhere an X server or a Wayland compositor must answer, and
    the libraries Qt's platform plugin needs must load.
    """
    wanted = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if sys.platform in ("darwin", "win32") or wanted in _OFF_SCREEN:
        return ""
    if wanted != "xcb" and _wayland_answers():
        return _missing_library("wayland") and _why_no_x11()
    return _why_no_x11()


def _why_no_x11() -> str:
    name = os.environ.get("DISPLAY", "")
    if not name:
        return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set"
    if not _x_server_answers(name):
        return f"no display: nothing answers at DISPLAY={name}"
    missing = _missing_library("xcb")
    return f"the display cannot be used: {missing}" if missing else ""


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / name
    return bool(name) and _connects(socket.AF_UNIX, str(path))


def _x_server_answers(name: str) -> bool:
    """`host:display.screen`; an empty host or `unix` is a local socket."""
    host, _, number = name.rpartition(":")
    digits = number.split(".")[0]
    if not digits.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{digits}"
        return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, "\0" + path)
    return _connects(socket.AF_INET, (host, 6000 + int(digits)))


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            probe.connect(address)
    except OSError:
        return False
    return True


def _missing_library(platform: str) -> str:
    """What the loader says against Qt's plugin for this platform, or the empty string."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return "PySide6 is not installed"
    plugins = Path(spec.origin).parent / "Qt" / "plugins" / "platforms"
    names = {"xcb": "libqxcb.so", "wayland": "libqwayland.so"}
    found = plugins / names[platform]
    if not found.exists():
        # A system-wide Qt keeps its plugins elsewhere and answers for its own libraries.
        return "" if platform == "xcb" else "no Wayland plugin"
    try:
        ctypes.CDLL(str(found))
    except OSError as error:
        return str(error)
    return ""
