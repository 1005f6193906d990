"""Recipes: settings that somebody found good for some data, as files that come with xview. No torch here.

`resources/recipes/<system>/<author><year>_<data>.toml`: `title`, `source`, `data` and perhaps `notes`, then
the tables `[settings]` of the system and `[training]` of `TrainSettings`; what they leave out keeps its
default.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xview.data.bundled import resources
from xview.errors import SettingError, nearest_name
from xview.models.registry import find
from xview.training.settings import TrainSettings

_KEYS = ("title", "source", "data", "notes", "settings", "training")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Settings with where they come from.

    Attributes:
        name: Its file's, without the ending.
        system: That it is for.
        title: One line for a chooser.
        source: Where the figures stand, or the command that found them.
        data: Name of the data it was made for.
        settings, training: By key, checked; only those it names.
        notes: What a reader should know, such as what the source leaves open.
        path: The file.
    """

    name: str
    system: str
    title: str
    source: str
    data: str
    settings: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    notes: str = ""
    path: Path


def recipes(system: str | None = None) -> list[Recipe]:
    """Those of a system, or all, by system and name.

    Raises:
        SettingError: A file is no recipe.
    """
    return [read(path) for path in sorted((resources() / "recipes").glob(f"{system or '*'}/*.toml"))]


def recipe(system: str, name: str) -> Recipe:
    """One by name, or from a file of the user's own where `name` ends in .toml.

    Raises:
        SettingError: There is none of that name, or it is no recipe for the system.
    """
    if name.endswith(".toml"):
        return read(Path(name), system)
    known = {path.stem: path for path in (resources() / "recipes" / system).glob("*.toml")}
    if name not in known:
        told = ", ".join(sorted(known)) or "none"
        raise SettingError(f"{system}: no recipe {name!r}{nearest_name(name, known)} (known: {told})")
    return read(known[name])


def read(path: Path, system: str | None = None) -> Recipe:
    """A recipe from its file; the folder names the system where nobody else does.

    Raises:
        SettingError: Unreadable, or a key or value the system does not have; the message names the file.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := [key for key in told if key not in _KEYS]:
            raise SettingError(f"unknown key {unknown[0]!r}{nearest_name(unknown[0], _KEYS)}")
        row = find(system or path.parent.name)
        row.config().from_mapping(told.get("settings", {}))
        TrainSettings.from_mapping(told.get("training", {}))
        return Recipe(
            name=path.stem,
            system=row.name,
            title=str(told["title"]),
            source=str(told["source"]),
            data=str(told["data"]),
            settings=told.get("settings", {}),
            training=told.get("training", {}),
            notes=str(told.get("notes", "")),
            path=path,
        )
    except (OSError, ValueError, AttributeError) as error:
        raise SettingError(f"{path}: no recipe that can be read ({error})") from error
    except KeyError as error:
        raise SettingError(f"{path}: the recipe lacks {error}") from None
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from None
