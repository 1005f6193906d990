"""The values of one setting that a sweep tries in turn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xview.errors import SettingError, nearest_name
from xview.settings import Parameter, Scale, Settings

LONGEST = 1_000  # values of one axis

_SYNTAX = "write KEY=START:STOP:STEP, KEY=START:STOP/COUNT or KEY=VALUE,VALUE ..."


@dataclass(frozen=True, slots=True)
class Axis:
    """A setting by its key, and the values it takes: rising, each once."""

    key: str
    values: tuple[float, ...]


def numbers(settings: type[Settings]) -> tuple[Parameter, ...]:
    """The settings that can be swept over: whole and other numbers."""
    return tuple(p for p in settings.parameters() if p.type in (int, float))


def make_axis(settings: type[Settings], key: str, values: Sequence[float]) -> Axis:
    """The axis of these values, in any order.

    Raises:
        SettingError: There is no such number to set, no value, too many of them, or one out of range.
    """
    known = {parameter.key: parameter for parameter in numbers(settings)}
    if key not in known:
        told = f"known: {', '.join(known)}" if known else "this ranker has none"
        raise SettingError(f"no number {key!r} to sweep over{nearest_name(key, known)} ({told})")
    if not 0 < len(values) <= LONGEST:
        raise SettingError(f"{key}: a sweep takes 1 to {LONGEST:,} values, got {len(values):,}")
    return Axis(key, tuple(sorted({known[key].parse(value, "sweep") for value in values})))


def spaced(settings: type[Settings], key: str, start: float, stop: float, count: int) -> Axis:
    """`count` values from `start` to `stop`, spaced as the window's slider is: see `xview.settings.Scale`.

    Whole numbers that fall together count once.

    Raises:
        SettingError: As `make_axis`, or `start` is not below `stop`.
    """
    if not (math.isfinite(start) and math.isfinite(stop) and start < stop):
        raise SettingError(
            f"{key}: a range runs from a smaller number to a larger, got {start:g} to {stop:g}"
        )
    if not 2 <= count <= LONGEST:
        raise SettingError(f"{key}: a range has 2 to {LONGEST:,} values, got {count:,}")
    whole = any(parameter.key == key and parameter.type is int for parameter in numbers(settings))
    scale = Scale(start, stop, whole)
    return make_axis(settings, key, [scale.at(place / (count - 1)) for place in range(count)])


def parse_axis(settings: type[Settings], text: str) -> Axis:
    """Read `lambda=0:1:0.1` (both ends count), `alpha=0.5:0.999/10` (spaced as by `spaced`) or `k=5,10,20`.

    Raises:
        SettingError: The text does not read like that, or as `make_axis`.
    """
    key, equals, rest = (part.strip() for part in text.partition("="))
    if not equals or not rest:
        raise SettingError(f"cannot read {text!r}; {_SYNTAX}")
    try:
        if "/" in rest:
            ends, _, count = rest.partition("/")
            start, stop = (float(part) for part in ends.split(":"))
            return spaced(settings, key, start, stop, int(count))
        if ":" in rest:
            return make_axis(settings, key, _steps(key, *(float(part) for part in rest.split(":"))))
        return make_axis(settings, key, [float(part) for part in rest.split(",")])
    except (ValueError, TypeError):
        raise SettingError(f"cannot read {text!r}; {_SYNTAX}") from None


def _steps(key: str, start: float, stop: float, step: float) -> list[float]:
    """From `start` in steps up to `stop`, which counts where the steps meet it but for rounding."""
    if not (math.isfinite(start) and math.isfinite(stop) and start <= stop and step > 0):
        raise SettingError(f"{key}: steps rise from START to STOP, got {start:g}:{stop:g}:{step:g}")
    count = math.floor((stop - start) / step * (1 + 1e-12) + 1e-9) + 1
    if count > LONGEST:
        raise SettingError(f"{key}: a sweep takes 1 to {LONGEST:,} values, got {count:,}")
    return [float(f"{start + place * step:.12g}") for place in range(count)]
