"""Data sets that are made on first use instead of shipped: `cci`, its larger sister, and `css`."""

from __future__ import annotations

from pathlib import Path

from xview.data.cache import cache_folder
from xview.data.manifest import FILE_NAME

_ROUNDS = {"cci": 3, "cci-full": 4}
_VERSION = 3  # of what the makers write; another one is made anew
MADE = (*_ROUNDS, "css")


def made_folder(name: str) -> Path:
    """The folder of one of `MADE`, written now (under a second a thousand scenes) where it is missing."""
    place = cache_folder() / "data" / f"{name}-{_VERSION}"
    if not (place / FILE_NAME).is_file():
        from xview.data.cci import folder as cci  # draws: needs what opening does without

        if name in _ROUNDS:
            cci.make(place, rounds=_ROUNDS[name])
        else:
            cci.make_css(place)
    return place
