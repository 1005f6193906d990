"""From arguments to what is open, asked and compared: the part all ranking commands share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from xview.cli.output import note
from xview.data.protocol import Classes, Protocol
from xview.errors import DataError, SettingError, SpaceError, nearest_name
from xview.report.judge import fitting
from xview.retrieval.field import SpaceChoice, choose_spaces
from xview.retrieval.registry import ranker_kind
from xview.session.state import RankerChoice
from xview.session.workspace import Workspace, open_workspace


def open_data(args: argparse.Namespace) -> Workspace:
    """The workspace of `DATA`; spaces that could not be loaded are remarked on stderr.

    Raises:
        DataError: The data cannot be read, or a held-out class is none of its own.
    """
    redrawn = bool(vars(args).get("splits"))  # then what was trained has seen what it is judged on
    workspace = open_workspace(args.data, vars(args).get("unseen"), trained=not redrawn)
    for problem in workspace.problems:
        note(f"left out: {problem}")
    return workspace


def protocol_of(args: argparse.Namespace, workspace: Workspace, asking: str | None) -> Protocol:
    """The protocol the arguments and the data's defaults make.

    Args:
        args: With `gallery` and the arguments of the protocol.
        workspace: Knows the modalities and whether there is a split.
        asking: Modality of the queries, or None for the default one.

    Raises:
        DataError: A modality is unknown, or a part of a split is asked of data without one.
    """
    default = workspace.default_protocol()
    query = asking or (default.query if args.gallery != default.query else default.gallery)
    gallery = args.gallery or (default.gallery if query != default.gallery else default.query)
    known = workspace.dataset.collections
    for modality in (query, gallery):
        if modality not in known:
            near = nearest_name(modality, known)
            raise DataError(f"no modality {modality!r}{near} (known: {', '.join(known)})")
    return Protocol(
        query=query,
        gallery=gallery,
        query_classes=_part(args.classes, workspace),
        gallery_classes=_part(args.gallery_classes or args.classes, workspace),
        across_groups=not args.within_groups,
    )


def _part(asked: str | None, workspace: Workspace) -> Classes:
    split = workspace.dataset.has_split
    if asked is None:
        return Classes.UNSEEN if split else Classes.ALL
    if asked != Classes.ALL and not split:
        raise DataError(f"{workspace.dataset.name} has no seen and unseen classes; use --classes all")
    return Classes(asked)


def spaces_of(args: argparse.Namespace, workspace: Workspace, protocol: Protocol) -> SpaceChoice:
    """The spaces named, and the first that fit where none was.

    Raises:
        SpaceError: A named space does not fit, or none does.
    """
    try:
        return choose_spaces(
            workspace.spaces,
            protocol,
            shared=args.shared,
            own_query=args.own_query,
            own_gallery=args.own_gallery,
        )
    except SpaceError as error:
        told = f"{error}; {workspace.problems[0]}" if workspace.problems else str(error)
        raise SpaceError(told) from None


def choose_rankers(names: Sequence[str], assignments: Sequence[str]) -> tuple[RankerChoice, ...]:
    """Rankers by name, each with the assigned settings it has.

    Args:
        names: Of the registry; a name twice counts once.
        assignments: `key=value` for every named ranker that has the key, or `ranker.key=value` for one; of
            two that meet the same setting the later counts.

    Raises:
        SettingError: Unknown ranker, a key no named ranker has, or a value out of range.
    """
    kinds = {name: ranker_kind(name).settings for name in names}
    keys = {name: [parameter.key for parameter in kind.parameters()] for name, kind in kinds.items()}
    values: dict[str, dict[str, object]] = {name: {} for name in kinds}
    for assignment in assignments:
        place, value = split_assignment(assignment)
        ranker, _, key = place.rpartition(".")
        meant = [name for name in kinds if key in keys[name] and ranker in ("", name)]
        if not meant:
            known = dict.fromkeys(key for name in kinds for key in keys[name])
            told = f"known: {', '.join(known)}" if known else "there is nothing to set"
            raise SettingError(f"{', '.join(kinds)}: no setting {place!r}{nearest_name(key, known)} ({told})")
        for name in meant:
            values[name][key] = value
    return tuple(RankerChoice(name, kind.from_mapping(values[name])) for name, kind in kinds.items())


def split_assignment(assignment: str) -> tuple[str, str]:
    """Key and value of `KEY=VALUE`; SettingError where it is none."""
    key, equals, value = assignment.partition("=")
    if not equals or not key:
        raise SettingError(f"--set takes KEY=VALUE, got {assignment!r}")
    return key.strip(), value.strip()


def fitting_rankers(
    choices: Sequence[RankerChoice], workspace: Workspace, protocol: Protocol, spaces: SpaceChoice
) -> tuple[RankerChoice, ...]:
    """The rankers these spaces can serve; those left out are remarked on stderr."""
    kept, notes = fitting(choices, workspace, protocol, spaces)
    for told in notes:
        note(told)
    return kept
