"""`xview train`: a run of a system on data, in a process of its own; or under torchrun in several.

Decisions
    2026-11-22  The run is a process of its own here as in the window: this command only watches it, so a
                closed terminal costs nothing. Ctrl-C pauses.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xview.cli.follow import follow
from xview.cli.output import note
from xview.cli.request import split_assignment
from xview.errors import SettingError, TrainingError, nearest_name
from xview.jobs.runs import TrainingRun
from xview.models.registry import Role, System, find
from xview.settings import Settings
from xview.spaces.library import open_data
from xview.spaces.provenance import space_called
from xview.spaces.space import EmbeddingSpace
from xview.training.availability import unavailable
from xview.training.recipes import recipe
from xview.training.settings import TrainSettings


def run(args: argparse.Namespace) -> int:
    """Start the run asked for, and watch it unless told not to."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:  # torchrun started several of us
        from xview.jobs.together import train_together

        return train_together(lambda: _make(args))
    started = _make(args)
    started.start()
    if args.detach:
        note(f"{started.name} runs by itself; `xview runs` shows how far it is")
        return 0
    return follow(started)


def _make(args: argparse.Namespace) -> TrainingRun:
    config = config_of(args)
    return TrainingRun.at(args.folder, config) if args.folder else TrainingRun.create(config)


def config_of(args: argparse.Namespace) -> dict[str, Any]:
    """The run's config, as `xview.jobs.train` takes it.

    Raises:
        SettingError: Unknown system, recipe or setting, or a value out of range.
        TrainingError: The data does not allow the system.
        DataError: The data cannot be read.
    """
    row = find(args.system)
    settings, training = _settings(row, args.recipe, args.set)
    opened = open_data(args.data, args.unseen)
    parsed = row.config().from_mapping(settings)
    if reason := unavailable(row, opened.dataset, opened.spaces, parsed):
        raise TrainingError(f"{row.name} cannot be trained on {opened.dataset.name}. {reason}")
    if row.role is Role.COMPOSER and (args.modality or args.features):
        raise SettingError(
            f"{row.name} learns from the pictures and pairs that [modifications] names; "
            "leave --modality and --features away"
        )
    for modality in args.modality or ():
        opened.dataset.collection(modality)
    source = Path(args.data)
    return {
        "data": str(source.absolute()) if source.exists() else args.data,
        "unseen": args.unseen,
        "system": row.name,
        "modalities": args.modality,
        "features": _features(args.features, opened.spaces),
        "settings": settings,
        "training": training,
        "weights": str(args.weights.absolute()) if args.weights else None,
    }


def _settings(
    row: System, recipe_name: str | None, assignments: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the system and of the training: a recipe's, changed by `KEY=VALUE` of either."""
    kinds: tuple[type[Settings], ...] = (row.config(), TrainSettings)
    chosen = recipe(row.name, recipe_name) if recipe_name else None
    values: list[dict[str, Any]] = [dict(chosen.settings), dict(chosen.training)] if chosen else [{}, {}]
    keys = [[parameter.key for parameter in kind.parameters()] for kind in kinds]
    for assignment in assignments:
        key, value = split_assignment(assignment)
        place = next((i for i, known in enumerate(keys) if key in known), None)
        if place is None:
            known = [*keys[0], *keys[1]]
            raise SettingError(
                f"{row.name}: no setting {key!r}{nearest_name(key, known)} (known: {', '.join(known)})"
            )
        values[place][key] = value
    parsed = [kind.from_mapping(given).to_mapping() for kind, given in zip(kinds, values, strict=True)]
    settings, training = (
        {key: whole[key] for key in given} for whole, given in zip(parsed, values, strict=True)
    )
    return settings, training


def _features(assignments: Sequence[str], spaces: Mapping[str, EmbeddingSpace]) -> dict[str, str] | None:
    """Space by modality from `M=SPACE`."""
    named = {}
    for assignment in assignments:
        modality, equals, space = assignment.partition("=")
        if not equals:
            raise SettingError(f"--features takes MODALITY=SPACE, got {assignment!r}")
        named[modality] = space_called(spaces, space, (modality,))
    return named or None
