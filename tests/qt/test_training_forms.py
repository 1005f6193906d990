"""What the form of a system offers on the data that is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from xview.data.cci import folder as cci
from xview.data.open import open_dataset
from xview.qt.training_forms import form_info, system_infos
from xview.session.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place: Path = tmp_path_factory.mktemp("forms") / "data"
    cci.make(place, rounds=2, side=16)
    return Workspace(dataset=open_dataset(place), spaces={})


def test_a_composition_offers_the_pictures_its_pairs_are_of_and_nothing_to_choose(
    workspace: Workspace,
) -> None:
    form = form_info("tirg", workspace, ("images", "texts"), (), None)
    assert form.modalities == {"images": ()} and not form.system.unavailable
    assert form.starts[0].values.settings == {}


def test_without_captions_a_composition_begins_plain(workspace: Workspace) -> None:
    images = {"images": workspace.dataset.collection("images")}
    silent = Workspace(dataset=replace(workspace.dataset, collections=images), spaces={})
    form = form_info("tirg", silent, ("images", "images"), (), None)
    assert not form.system.unavailable
    assert form.starts[0].values.settings == {"in_joint": False}


def test_without_pairs_a_composition_is_not_offered(workspace: Workspace) -> None:
    bare = Workspace(dataset=replace(workspace.dataset, modifications=None), spaces={})
    lacking = {one.name for one in system_infos(bare) if "[modifications]" in one.unavailable}
    assert lacking == {"tirg", "relation"}
