from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pytest

from xview.arrays import Bools, Doubles, Ints
from xview.errors import DataError
from xview.metrics.result_files import read_result, write_result


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Leaf:
    name: str
    figure: float
    rows: Ints


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    by_name: Mapping[str, Doubles]
    mask: Bools | None
    one: Leaf | None
    colour: Colour
    count: int
    sizes: tuple[int, ...]


TREE = Tree(
    leaves=(
        Leaf("a", float("nan"), np.arange(3)),
        Leaf("ü.b", float("-inf"), np.empty((0, 2), dtype=np.int64)),
    ),
    by_name={"x y": np.array([0.5, np.nan]), "": np.zeros((2, 2), order="F")},
    mask=None,
    one=Leaf("c", 0.1 + 0.2, np.array([], dtype=np.int64)),
    colour=Colour.RED,
    count=3,
    sizes=(1, 2),
)


def test_everything_comes_back(tmp_path):
    write_result(TREE, tmp_path, "tree")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tree.json", "tree.safetensors"]
    found = read_result(Tree, tmp_path, "tree")
    assert np.isnan(found.leaves[0].figure) and found.leaves[1].figure == float("-inf")
    assert found.leaves[1].rows.shape == (0, 2) and found.leaves[1].name == "ü.b"
    np.testing.assert_array_equal(found.leaves[0].rows, [0, 1, 2])
    for name, values in TREE.by_name.items():
        np.testing.assert_array_equal(found.by_name[name], values)
    assert found.mask is None and found.one.figure == TREE.one.figure
    assert found.colour is Colour.RED and (found.count, found.sizes) == (3, (1, 2))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"count": 3', '"count": "3"'),
        ('"count": 3, ', ""),
        ('"tree.leaves.0.rows"', '"tree.by_name.x y"'),  # of another type
        ('"tree.leaves.0.rows"', '"tree.none"'),
        ('"red"', '"blue"'),
        ("{", "["),
    ],
)
def test_a_damaged_file_is_told_in_a_sentence(tmp_path, before, after):
    write_result(TREE, tmp_path, "tree")
    path = tmp_path / "tree.json"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"no tree that can be read .*; measure again"):
        read_result(Tree, tmp_path, "tree")


def test_arrays_cut_short_and_files_that_are_missing_are_told(tmp_path):
    with pytest.raises(DataError, match="measure again"):
        read_result(Tree, tmp_path, "tree")
    write_result(TREE, tmp_path, "tree")
    path = tmp_path / "tree.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="measure again"):
        read_result(Tree, tmp_path, "tree")
