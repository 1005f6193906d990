"""Every system by name. Listing them imports neither torch nor Qt."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

from xview.errors import SettingError, nearest_name


class Role(StrEnum):
    """What a system gives the rest of xview."""

    JOINT_EMBEDDER = "joint-embedder"  # items of several modalities -> one space


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table.

    Attributes:
        name: What the command line and files call it.
        role: What it gives.
        module: Where it lives, with its `Config`; imported by `load` only.
        source: What it follows.
    """

    name: str
    role: Role
    module: str
    source: str

    def load(self) -> ModuleType:
        """Import the system's module."""
        return importlib.import_module(self.module)


_ALL = (
    System(
        "cca",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.cca",
        "Kettenring 1971; Hardoon et al. 2004; Rasiwasia et al. 2014",
    ),
)
SYSTEMS = {system.name: system for system in _ALL}


def find(name: str) -> System:
    """Look a system up.

    Raises:
        SettingError: No such system; the message names the nearest one.
    """
    try:
        return SYSTEMS[name]
    except KeyError:
        hint = nearest_name(name, SYSTEMS)
        raise SettingError(f"no system {name!r}{hint} (known: {', '.join(SYSTEMS)})") from None
