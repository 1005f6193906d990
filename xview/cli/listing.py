"""`xview systems` and `xview rankers`: what there is to choose from."""

from __future__ import annotations

import argparse
from typing import Any

from xview.cli.output import say, show_json, show_table
from xview.models.encoders import ENCODERS, FAMILIES
from xview.retrieval.registry import RANKERS
from xview.settings import Parameter, Settings


def run(args: argparse.Namespace) -> int:
    """List what `args.what` names."""
    return _systems(args) if args.what == "systems" else _rankers(args)


def _systems(args: argparse.Namespace) -> int:
    from xview.models.systems import cca

    if args.json:
        encoders = [
            {"name": one.name, "takes": one.kind.value, "dimension": one.dimension, "source": one.source}
            for one in ENCODERS
        ]
        show_json(
            {"encoders": encoders, "systems": [{"name": "cca", "settings": _describe(cca.Config)}]}, args.json
        )
        return 0
    show_table(
        ["encoder", "takes", "dimension", "source"],
        [[one.name, one.kind, one.dimension or "", one.source] for one in ENCODERS]
        + [[f"{family}:MODEL", kind, "", source] for family, (kind, source) in FAMILIES.items()],
        right=["dimension"],
    )
    say("")
    say("cca: a shared space in closed form, fitted on the seen classes; the baseline for trained systems.")
    _show_settings(cca.Config)
    return 0


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
