"""What a space says of how it was made (`made_by`), and where the files it names lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from xview.errors import QueryError, SpaceError, nearest_name
from xview.models.registry import SYSTEMS, Role
from xview.spaces.space import EmbeddingSpace

PIXELS = "pixels"
"""Stands for an encoder where a system learnt from the pictures themselves."""


def made_of(space: EmbeddingSpace, modality: str, what: str) -> str | None:
    """`made_by[what]` of a modality: one word for all of them, or a table by modality. None if not said."""
    told = space.made_by.get(what)
    if isinstance(told, Mapping):
        told = told.get(modality)
    return told if isinstance(told, str) else None


def checkpoint_of(space: EmbeddingSpace) -> str | None:
    """The checkpoint of the training that made a space; None where nothing was trained for it."""
    told = space.made_by.get("checkpoint")
    return told if isinstance(told, str) else None


def of_run(space: EmbeddingSpace) -> bool:
    """Whether a space is a finished run's, not one the data came with."""
    return space.stored is None and "run" in space.made_by


def space_called(spaces: Mapping[str, EmbeddingSpace], name: str, modalities: Collection[str] = ()) -> str:
    """The name of the space a person means: one of this name, or of the run of this name or title.

    Args:
        spaces: By name.
        name: As typed; `xview info` shows spaces, `xview runs` runs.
        modalities: Of several spaces of a run, the first that holds these is meant, or else its first.

    Raises:
        SpaceError: There is none; the message names the nearest, and all there are.
    """
    if name in spaces:
        return name
    runs = {n: {str(s.made_by["run"]), n.rpartition(" · ")[0]} for n, s in spaces.items() if of_run(s)}
    meant = [n for n, called in runs.items() if name in called]
    if not meant:
        near = nearest_name(name, [*spaces, *(one for called in runs.values() for one in called)])
        raise SpaceError(f"no space {name!r}{near} (known: {', '.join(spaces) or 'none'})")
    return next((n for n in meant if set(modalities) <= set(spaces[n].modalities)), meant[0])


def modifies(space: EmbeddingSpace, modality: str) -> bool:
    """Whether pictures of a modality can be modified by words in a space: made by what learnt to."""
    system = SYSTEMS.get(str(space.made_by.get("system")))
    composes = system is not None and system.role is Role.COMPOSER
    return composes and modality in space.parts and checkpoint_of(space) is not None


def reduction_of(space: EmbeddingSpace, modality: str) -> str | None:
    """Where the principal components lie that made a modality's vectors, if any did."""
    name = made_of(space, modality, "reduction")
    return None if name is None else str(beside(space, modality, name))


def beside(space: EmbeddingSpace, modality: str, name: str) -> Path:
    """The file a space names: beside its stored vectors, or anywhere for a space made in this program.

    Raises:
        QueryError: A data set names a file outside the folder of its vectors.
    """
    if space.stored is None:
        return Path(name)
    if Path(name).name != name:
        raise QueryError(
            f"space {space.name!r} names {name!r}; files that made it must lie beside its vectors "
            "and be named without a folder"
        )
    return space.stored.parts[modality].path.parent / name
