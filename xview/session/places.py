"""Where xview keeps what belongs to the user: last session, recent data, window layout."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs

_RECENT_KEPT = 10


def state_folder() -> Path:
    """The folder, which need not exist; `XVIEW_STATE` names another one."""
    named = os.environ.get("XVIEW_STATE")
    return Path(named) if named else Path(platformdirs.user_state_dir("xview"))


def last_session() -> Path:
    """The session written when the window closes."""
    return state_folder() / "last.xview"


def recent_sources() -> tuple[str, ...]:
    """Data opened lately, newest first; what is not a list of names counts as empty."""
    try:
        names = json.loads((state_folder() / "recent.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def remember_source(source: str) -> None:
    """Put a source on top of the recent ones; a folder that cannot be written is no reason to fail."""
    names = [source, *(name for name in recent_sources() if name != source)][:_RECENT_KEPT]
    folder = state_folder()
    scratch = folder / "recent.json.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps(names), "utf-8")
        scratch.replace(folder / "recent.json")
    except OSError:
        return
