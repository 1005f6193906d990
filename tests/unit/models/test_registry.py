from __future__ import annotations

import subprocess
import sys

import pytest

from xview.errors import SettingError
from xview.models.registry import SYSTEMS, find


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_loads_and_has_a_config(name: str) -> None:
    config = find(name).config()
    assert config.from_mapping(config().to_mapping()) == config()
    assert callable(getattr(find(name).load(), "fit" if find(name).closed_form else "build"))


def test_a_misspelt_name_gets_a_hint() -> None:
    with pytest.raises(SettingError, match="did you mean 'cca'"):
        find("ccca")


def test_listing_systems_and_encoders_imports_nothing_heavy() -> None:
    code = (
        "import sys, xview.models.registry, xview.models.encoders as e; e.find(e.IMAGE_DEFAULT);"
        "print([m for m in ('torch', 'scipy', 'PIL', 'sentence_transformers') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
