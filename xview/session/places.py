"""Where xview keeps what belongs to the user: last session, recent data, window layout."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import platformdirs

from xview.errors import DataError

_RECENT_KEPT = 10
_PASTED_KEPT = 50


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


def keep_pasted(picture: bytes) -> Path:
    """A file with a pasted picture, so that sessions can ask with it again; the oldest ones are forgotten.

    Raises:
        DataError: The folder cannot be written.
    """
    folder = state_folder() / "pasted"
    path = folder / f"pasted-{hashlib.sha256(picture).hexdigest()[:12]}.png"
    scratch = path.with_suffix(".tmp")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(picture)
        scratch.replace(path)
        kept = sorted(folder.glob("pasted-*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in kept[_PASTED_KEPT:]:
            old.unlink()
    except OSError as error:
        raise DataError(f"{folder}: the pasted picture cannot be kept ({error.strerror})") from error
    return path
