"""`xview systems` and `xview rankers`: what there is to choose from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from xview.cli.output import say, show_json, show_table
from xview.models.encoders import ENCODERS, FAMILIES
from xview.models.registry import SYSTEMS, System, find
from xview.retrieval.registry import RANKERS
from xview.settings import Parameter, Settings
from xview.spaces.library import open_data
from xview.training.availability import unavailable
from xview.training.recipes import recipes
from xview.training.settings import TrainSettings


def run(args: argparse.Namespace) -> int:
    """List what `args.what` names."""
    return _systems(args) if args.what == "systems" else _rankers(args)


def _systems(args: argparse.Namespace) -> int:
    chosen = [find(args.name)] if args.name else list(SYSTEMS.values())
    reasons = _reasons(chosen, args.data)
    if args.json:
        encoders = [
            {"name": one.name, "takes": one.kind.value, "dimension": one.dimension, "source": one.source}
            for one in ENCODERS
        ]
        systems = [_system(one) | {"unavailable": reasons.get(one.name)} for one in chosen]
        told = {"encoders": encoders, "systems": systems, "training": _describe(TrainSettings)}
        show_json(told, args.json)
        return 0
    if not args.name:
        show_table(
            ["encoder", "takes", "dimension", "source"],
            [[one.name, one.kind, one.dimension or "", one.source] for one in ENCODERS]
            + [[f"{family}:MODEL", kind, "", source] for family, (kind, source) in FAMILIES.items()],
            right=["dimension"],
        )
    for one in chosen:
        say("")
        say(f"{one.name}: {one.title}. {one.summary}. {one.source}.")
        if reason := reasons.get(one.name):
            say(f"Not for {args.data}: {reason}")
        _show_settings(one.config())
        for found in recipes(one.name):
            say(f"recipe {found.name}: {found.title} ({found.data})")
    say("")
    say("Training, for all but those in closed form:")
    _show_settings(TrainSettings)
    return 0


def _reasons(systems: Sequence[System], data: str | None) -> dict[str, str | None]:
    """By system, why the data does not allow it; None where it does."""
    if data is None:
        return {}
    opened = open_data(data)
    return {one.name: unavailable(one, opened.dataset, opened.spaces) for one in systems}


def _system(one: System) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "summary": one.summary,
        "source": one.source,
        "modalities": list(one.modalities),
        "class_vectors": one.needs_class_vectors,
        "closed_form": one.closed_form,
        "recipes": [found.name for found in recipes(one.name)],
        "settings": _describe(one.config()),
    }


def _rankers(args: argparse.Namespace) -> int:
    if args.json:
        told = [
            {"name": kind.name, "title": kind.title, "help": kind.help, "settings": _describe(kind.settings)}
            for kind in RANKERS.values()
        ]
        show_json(told, args.json)
        return 0
    for kind in RANKERS.values():
        say(f"{kind.name}: {kind.title}. {kind.help}")
        _show_settings(kind.settings)
        say("")
    return 0


def _show_settings(settings: type[Settings]) -> None:
    if rows := [[p.key, _default(p), _range(p), p.help] for p in settings.parameters()]:
        show_table(["setting", "default", "range", "meaning"], rows)


def _describe(settings: type[Settings]) -> list[dict[str, Any]]:
    return [
        {
            "key": p.key,
            "type": "choice" if p.choices else p.type.__name__,
            "default": p.default,
            "low": p.low,
            "high": p.high,
            "choices": list(p.choices),
            "help": p.help,
        }
        for p in settings.parameters()
    ]


def _default(parameter: Parameter) -> str:
    return f"{parameter.default:g}" if parameter.type is float else str(parameter.default)


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    if parameter.low is None and parameter.high is None:
        return "true, false" if parameter.type is bool else "any text"
    if parameter.high is None:
        return f"from {parameter.low:g}"
    return f"{parameter.low:g} to {parameter.high:g}"
