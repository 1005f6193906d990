import dataclasses
import subprocess
import sys

import pytest

from tests.unit.training.toy import toy_dataset, toy_inputs
from xview.data.bundled import resources
from xview.data.open import open_dataset
from xview.errors import SettingError
from xview.models.registry import EMBEDDERS, SYSTEMS, find
from xview.spaces.space import EmbeddingSpace
from xview.training.availability import unavailable, usable
from xview.training.recipes import read, recipe, recipes
from xview.training.settings import TrainSettings


def test_every_recipe_that_comes_along_can_be_read_and_is_named_by_its_source():
    found = recipes()
    files = list((resources() / "recipes").glob("*/*.toml"))
    assert found and sorted(r.path for r in found) == sorted(files)
    for one in found:
        assert one.system in SYSTEMS and one.path.parent.name == one.system
        author, _, data = one.name.partition("_")
        assert author and data and one.title and one.source and one.data
        assert recipe(one.system, one.name) == one
        config = find(one.system).config().from_mapping(one.settings).to_mapping()
        assert {key: config[key] for key in one.settings} == one.settings
        TrainSettings.from_mapping(one.training)


def test_recipes_of_a_system_are_its_own():
    assert recipes("rrf_net") == [one for one in recipes() if one.system == "rrf_net"] != []
    with pytest.raises(SettingError, match=r"no recipe 'liu2018_flickr30'; did you mean 'liu2018_flickr30k'"):
        recipe("rrf_net", "liu2018_flickr30")


def test_a_file_of_the_users_own_is_a_recipe(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "t"\nsource = "s"\ndata = "d"\n[settings]\nsteps = 2\n[training]\nepochs = 3\n')
    mine = recipe("rrf_net", str(path))
    assert (mine.name, mine.system, mine.settings, mine.training) == (
        "mine",
        "rrf_net",
        {"steps": 2},
        {"epochs": 3},
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = ", "no recipe that can be read"),
        ('title = "t"\nsource = "s"\n', "lacks 'data'"),
        ('title = "t"\nsource = "s"\ndata = "d"\n[setings]\n', "did you mean 'settings'"),
        ('title = "t"\nsource = "s"\ndata = "d"\n[settings]\nstep = 2\n', "did you mean 'steps'"),
        ('title = "t"\nsource = "s"\ndata = "d"\n[settings]\nsteps = 9\n', "from 0 to 4"),
        ('title = "t"\nsource = "s"\ndata = "d"\n[training]\nepoch = 9\n', "did you mean 'epochs'"),
        ('title = "t"\nsource = "s"\ndata = "d"\nsettings = 3\n', "no recipe that can be read"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_told_with_its_file(tmp_path, text, told):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(SettingError) as raised:
        read(path, "rrf_net")
    assert str(path) in str(raised.value) and told in str(raised.value)


def spaces_of(dataset, *modalities):
    inputs = toy_inputs(dataset)
    return {m: EmbeddingSpace(name=m, parts={m: inputs[m]}) for m in modalities}


def test_data_with_everything_allows_every_system():
    dataset = toy_dataset()
    assert all(unavailable(row, dataset, spaces_of(dataset, "a", "b")) is None for row in EMBEDDERS.values())


@pytest.mark.parametrize(
    ("featured", "told"), [(("a",), "b has no features of their own"), ((), "a and b have no features")]
)
def test_modalities_without_features_are_named(featured, told):
    dataset = toy_dataset()
    assert told in unavailable(find("rrf_net"), dataset, spaces_of(dataset, *featured))


def test_a_shared_space_is_no_feature():
    dataset = toy_dataset()
    shared = EmbeddingSpace(name="s", parts={m: x[:, :4] for m, x in toy_inputs(dataset).items()})
    assert usable(find("rrf_net"), dataset, {"s": shared}) == ()


def test_pictures_are_enough_for_a_system_that_takes_them():
    emoji = open_dataset("emoji")
    assert usable(find("two_stream"), emoji, {}) == ("sketches", "images")
    assert unavailable(find("two_stream"), emoji, {}) is None
    assert "sketches, images and texts have no features" in unavailable(find("rrf_net"), emoji, {})


def test_class_embeddings_are_asked_for_where_they_are_needed():
    dataset = dataclasses.replace(toy_dataset(), class_vectors=None)
    spaces = spaces_of(dataset, "a", "b")
    lacking = {name for name, row in EMBEDDERS.items() if unavailable(row, dataset, spaces)}
    assert lacking == {name for name, row in EMBEDDERS.items() if row.needs_class_vectors} != set()


def test_too_few_modalities_or_common_classes_are_told():
    dataset = toy_dataset()
    alone = dataclasses.replace(dataset, collections={"a": dataset.collections["a"]})
    assert "2 modalities or more; toy has 1" in unavailable(find("rrf_net"), alone, {})
    dataset.collections["a"].labels[:] = 0
    assert "here there is one" in unavailable(find("rrf_net"), dataset, spaces_of(dataset, "a", "b"))


def test_none_of_it_loads_torch():
    code = (
        "import sys, xview.training.recipes, xview.training.availability, xview.jobs.runs as runs; "
        "xview.training.recipes.recipes(); runs.find_runs(); print('torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
