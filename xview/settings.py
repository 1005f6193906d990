"""Settings: frozen dataclasses whose fields know their range, symbol and help.

One declaration serves the command line (`--set k=30`), the window's sliders and forms, session files
and recipes, so a parameter is named, bounded and explained in one place.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from xview.errors import SettingError, nearest_name


def setting(
    default: Any,
    *,
    help: str,
    low: float | None = None,
    high: float | None = None,
    key: str = "",
    symbol: str = "",
    slider: tuple[float, float] | None = None,
) -> Any:
    """A dataclass field with what a form, a slider and an error message need.

    Args:
        default: Value when nothing is said; its type annotation rules.
        help: One sentence for a tooltip, with the unit where there is one.
        low, high: Inclusive bounds of a number; None is unbounded.
        key: Name outside Python, where the field's own is a keyword (`lambda`).
        symbol: Short label beside a slider, such as "λ"; the key where empty.
        slider: Ends of the slider where the bounds are too wide to drag.
    """
    about = {"help": help, "low": low, "high": high, "key": key, "symbol": symbol, "slider": slider}
    return dataclasses.field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting as a form sees it; `type` is bool, int, float, str or a StrEnum class."""

    field: str
    key: str
    symbol: str
    type: type[Any]
    default: Any
    low: float | None
    high: float | None
    slider: tuple[float, float] | None
    help: str

    @property
    def choices(self) -> tuple[str, ...]:
        """Allowed words of a closed choice, empty for anything else."""
        return tuple(self.type) if issubclass(self.type, StrEnum) else ()

    def parse(self, value: object, owner: str) -> Any:
        """Turn text or a JSON value into this parameter's type and check its range.

        Raises:
            SettingError: Wrong type or out of range; the message names owner, key and bounds.
        """
        try:
            parsed = self._convert(value)
        except (ValueError, TypeError, KeyError, OverflowError):
            wanted = " or ".join(self.choices) or self.type.__name__
            raise SettingError(f"{owner}: {self.key} must be {wanted}, got {value!r}") from None
        outside = (self.low is not None and parsed < self.low) or (
            self.high is not None and parsed > self.high
        )
        if outside or parsed != parsed:
            bounds = f"from {_bound(self.low, '-inf')} to {_bound(self.high, 'inf')}"
            raise SettingError(f"{owner}: {self.key} must lie {bounds}, got {value!r}")
        return parsed

    def _convert(self, value: object) -> Any:
        if self.type is bool:
            if isinstance(value, bool):
                return value
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
                str(value).lower()
            ]
        if self.type is int:
            text = str(value)
            whole = float(text)
            if whole != int(whole):
                raise ValueError
            # Not by way of a float, which rounds seeds beyond 2**53
            return int(text) if text.lstrip("+-").isdecimal() else int(whole)
        return self.type(value) if self.type is str else self.type(str(value))


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers between two ends are spaced, for sliders and for values to try in turn.

    Even in the number itself; even in its logarithm where the ends lie a factor of 100 apart; even in the
    logarithm of its distance from 1 where it lives just below (alpha: .9, .99, .999 are equally far apart).
    """

    low: float
    high: float
    whole: bool

    @classmethod
    def of(cls, parameter: Parameter) -> Self | None:
        """The scale of a number with two ends, those of its slider first; None for one without."""
        ends = parameter.slider or (parameter.low, parameter.high)
        if ends[0] is None or ends[1] is None or parameter.type not in (int, float):
            return None
        return cls(float(ends[0]), float(ends[1]), parameter.type is int)

    @property
    def _below_one(self) -> bool:
        return 0.99 <= self.high < 1

    @property
    def _logarithmic(self) -> bool:
        return self.low > 0 and self.high / self.low >= 100

    def _bend(self, value: float) -> float:
        if self._below_one:
            return -math.log(max(1 - value, 1e-12))
        return math.log(max(value, 1e-300)) if self._logarithmic else value

    def at(self, share: float) -> float:
        """The number at a share of the way, 0 to 1, rounded to what a hand can mean."""
        if share <= 0 or share >= 1:
            return self.low if share <= 0 else self.high
        low, high = self._bend(self.low), self._bend(self.high)
        bent = low + (high - low) * share
        if self._below_one:
            return 1 - _two_figures(math.exp(-bent))
        number = _two_figures(math.exp(bent)) if self._logarithmic else bent
        if self.whole:
            return float(round(number))
        return number if self._logarithmic else round(number, _decimals(self.high - self.low))

    def share(self, value: float) -> float:
        """Where a number stands, 0 to 1; at an end where it lies beyond."""
        low, high = self._bend(self.low), self._bend(self.high)
        return (self._bend(min(max(value, self.low), self.high)) - low) / (high - low or 1)


def _two_figures(number: float) -> float:
    return float(f"{number:.2g}")


def _decimals(span: float) -> int:
    return max(0, 2 - math.floor(math.log10(span))) if span > 0 else 2


def _bound(value: float | None, unbounded: str) -> str:
    return unbounded if value is None else f"{value:g}"


class Settings:
    """Base of every settings dataclass: `@dataclass(frozen=True, slots=True, kw_only=True)`."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """Check every setting, and turn text into its type."""
        for parameter in self.parameters():
            parsed = parameter.parse(getattr(self, parameter.field), type(self).__name__)
            object.__setattr__(self, parameter.field, parsed)

    @classmethod
    @functools.cache  # reading annotations takes a millisecond, and forms and sliders ask all the time
    def parameters(cls) -> tuple[Parameter, ...]:
        """The scalar settings in order of declaration; fields of other types are left out."""
        hints = typing.get_type_hints(cls)
        found = []
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            kind = hints[field.name]
            if not field.metadata or not isinstance(kind, type):
                continue
            about = field.metadata
            key = about["key"] or field.name
            found.append(
                Parameter(
                    field.name,
                    key,
                    about["symbol"] or key,
                    kind,
                    field.default,
                    about["low"],
                    about["high"],
                    about["slider"],
                    about["help"],
                )
            )
        return tuple(found)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object]) -> Self:
        """Build from keys (`lambda`, not `lam`) and text or JSON values.

        Raises:
            SettingError: Unknown key (with the nearest known one), wrong type, or out of range.
        """
        known = {parameter.key: parameter for parameter in cls.parameters()}
        arguments = {}
        for key, value in values.items():
            if key not in known:
                hint = nearest_name(key, known)
                raise SettingError(
                    f"{cls.__name__}: unknown setting {key!r}{hint} (known: {', '.join(known)})"
                )
            arguments[known[key].field] = known[key].parse(value, cls.__name__)
        return cls(**arguments)

    def to_mapping(self) -> dict[str, Any]:
        """The scalar settings by key, ready for JSON; `from_mapping` reads it back."""
        return {p.key: getattr(self, p.field) for p in self.parameters()}
