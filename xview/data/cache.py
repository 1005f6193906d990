"""Where what can be made again is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """`XVIEW_CACHE`, or else the user's cache folder. May not exist yet."""
    chosen = os.environ.get("XVIEW_CACHE")
    return Path(chosen) if chosen else user_cache_path("xview", appauthor=False)
