from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xview.errors import SettingError
from xview.settings import Settings, setting


class Links(StrEnum):
    PAPER = "paper"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(Settings):
    alpha: float = setting(0.99, low=0, high=0.999, symbol="α", help="Share of mass that keeps walking.")
    lam: float = setting(0.5, low=0, high=1, key="lambda", help="Weight of a direction.")
    k: int = setting(30, low=1, slider=(1, 100), help="Neighbours.")
    seed: int = setting(0, help="Seed.")
    exact: bool = setting(False, help="Solve exactly.")
    links: Links = setting(Links.PAPER, help="Which links.")
    title: str = setting("", help="For people.")
    columns: tuple[int, ...] = setting((), help="No scalar, so no form shows it.")


def test_parameters_say_what_a_form_needs() -> None:
    by_key = {p.key: p for p in Walk.parameters()}
    assert list(by_key) == ["alpha", "lambda", "k", "seed", "exact", "links", "title"]
    assert (by_key["alpha"].symbol, by_key["k"].symbol) == ("α", "k")
    assert by_key["lambda"].field == "lam"
    assert (by_key["k"].slider, by_key["k"].type, by_key["k"].default) == ((1, 100), int, 30)
    assert by_key["links"].choices == ("paper", "released") and by_key["k"].choices == ()


@pytest.mark.parametrize(
    ("key", "given_value", "parsed"),
    [
        ("k", "30", 30),
        ("k", "1e3", 1000),
        ("k", 30.0, 30),
        ("k", " 7 ", 7),
        ("seed", "-5", -5),
        ("seed", 2**60 + 1, 2**60 + 1),
        ("seed", str(2**60 + 1), 2**60 + 1),
        ("alpha", "0.5", 0.5),
        ("alpha", 0, 0.0),
        ("lambda", "1", 1.0),
        ("exact", "yes", True),
        ("exact", "False", False),
        ("exact", True, True),
        ("links", "released", Links.RELEASED),
        ("title", "a b", "a b"),
    ],
)
def test_text_and_json_values_take_the_type_declared(key: str, given_value: object, parsed: object) -> None:
    got = Walk.from_mapping({key: given_value}).to_mapping()[key]
    assert got == parsed and type(got) is type(parsed)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("k", "0", "k must lie from 1 to inf, got '0'"),
        ("k", "2.5", "k must be int"),
        ("k", "many", "k must be int"),
        ("k", True, "k must be int"),
        ("k", "inf", "k must be int"),
        ("k", "nan", "k must be int"),
        ("k", None, "k must be int"),
        ("k", [3], "k must be int"),
        ("alpha", "1", "alpha must lie from 0 to 0.999"),
        ("alpha", "-0.1", "alpha must lie from 0 to 0.999"),
        ("alpha", "nan", "alpha must lie from 0 to 0.999"),
        ("alpha", "inf", "alpha must lie from 0 to 0.999"),
        ("lambda", "1.5", "lambda must lie from 0 to 1"),
        ("exact", "perhaps", "exact must be bool"),
        ("exact", 2, "exact must be bool"),
        ("links", "other", "links must be paper or released, got 'other'"),
    ],
)
def test_a_wrong_value_is_refused_with_key_and_bounds(key: str, value: object, told: str) -> None:
    with pytest.raises(SettingError) as refused:
        Walk.from_mapping({key: value})
    assert str(refused.value).startswith(f"Walk: {told}")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"unknown setting 'aplha'; did you mean 'alpha'\?.*lambda"):
        Walk.from_mapping({"aplha": 1})
    # The Python name of a keyword is no key
    with pytest.raises(SettingError, match="unknown setting 'lam'"):
        Walk.from_mapping({"lam": 1})


def test_building_in_python_is_checked_too() -> None:
    with pytest.raises(SettingError, match="alpha"):
        Walk(alpha=1.5)
    loose: Any = "12"
    assert Walk(k=loose) == Walk(k=12)


def test_settings_cannot_change() -> None:
    walk: Any = Walk()
    with pytest.raises(FrozenInstanceError):
        walk.k = 3


@given(
    alpha=st.floats(0, 0.999),
    k=st.integers(1, 10**6),
    seed=st.integers(-(2**63), 2**63),
    exact=st.booleans(),
    links=st.sampled_from(Links),
)
def test_a_mapping_reads_back_equal(alpha: float, k: int, seed: int, exact: bool, links: Links) -> None:
    walk = Walk(alpha=alpha, k=k, seed=seed, exact=exact, links=links)
    as_text = {key: str(value) for key, value in walk.to_mapping().items()}
    assert Walk.from_mapping(walk.to_mapping()) == walk == Walk.from_mapping(as_text)
