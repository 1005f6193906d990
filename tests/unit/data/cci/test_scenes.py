"""Worlds: as many scenes as the paper says, each one change from its source, neighbours as defined."""

from itertools import combinations

import numpy as np
import pytest

from xview.data.cci import scenes as cci
from xview.data.cci.scenes import (
    FEWEST,
    MOST,
    PLACES,
    WORDS,
    Change,
    Kind,
    Thing,
    alterations,
    difference,
    make_world,
    neighbours,
)


@pytest.fixture(scope="module")
def world():
    return make_world(seed=3, rounds=3)


def reachable(a, b):
    """Paper 002, section 4.2, word for word: one attribute of one object, or one additional object."""
    gone, come = list(a - b), list(b - a)
    if len(gone) + len(come) == 1:
        return True
    if len(gone) != 1 or len(come) != 1:
        return False
    return sum(x != y for x, y in zip(gone[0], come[0], strict=True)) == 1


def test_the_full_world_has_the_papers_11111_different_scenes():
    world = make_world(0)
    assert len(world) == len(set(world.scenes)) == 11_111
    assert np.bincount(world.rounds).tolist() == [1, 10, 100, 1_000, 10_000]


def test_the_seed_decides_everything():
    one, same, other = (make_world(seed, rounds=2).scenes for seed in (5, 5, 6))
    assert one == same != other


def test_every_scene_is_its_source_after_the_change_and_a_reachable_neighbour(world):
    for n in range(1, len(world)):
        source = world.scenes[world.sources[n]]
        assert world.changes[n].apply(source) == world.scenes[n]
        assert reachable(source, world.scenes[n])
        assert world.rounds[n] == world.rounds[world.sources[n]] + 1


def test_things_stand_at_places_of_their_own(world):
    for scene in world.scenes:
        assert FEWEST <= len(scene) <= MOST
        assert len({thing.place for thing in scene}) == len(scene)
        for thing in scene:
            assert all(0 <= v < len(words) for v, words in zip(thing, WORDS.values(), strict=True))


def test_every_kind_of_change_occurs(world):
    made = [change for change in world.changes if change is not None]
    assert {change.kind for change in made} == set(Kind)
    assert {change.attribute for change in made} == {*WORDS, ""}
    assert len(PLACES) == 9


def test_neighbours_are_those_of_every_pair(world):
    some = world.scenes[:400]
    by_hand = [(a, b) for a, b in combinations(range(len(some)), 2) if reachable(some[a], some[b])]
    assert neighbours(some).tolist() == [list(pair) for pair in by_hand]


def test_the_difference_names_what_only_one_has(world):
    gone, come = difference(world.scenes[0], world.scenes[5])
    assert set(gone) == world.scenes[0] - world.scenes[5]
    assert set(come) == world.scenes[5] - world.scenes[0]
    assert difference(world.scenes[0], world.scenes[0]) == ((), ())


def test_two_scenes_are_reachable_as_the_paper_says(world):
    some = [*world.scenes[:40], *world.scenes[200:240]]
    for a, b in combinations(some, 2):
        assert cci.reachable(a, b) == cci.reachable(b, a) == reachable(a, b)
    assert not cci.reachable(some[0], some[0])


def test_alterations_lead_from_one_scene_to_any_other(world):
    some = [*world.scenes[:25], *world.scenes[500:525]]
    for a, b in combinations(some, 2):
        changes = alterations(a, b)
        assert {c.gone for c in changes} - {None} == a - b and {c.come for c in changes} - {None} == b - a
        assert len(changes) <= len(a - b) + len(b - a)
    assert alterations(some[0], some[0]) == ()


def test_things_at_one_place_are_one_thing_that_changed():
    cube, ball, far = Thing(0, 1, 1, 1, 0), Thing(1, 2, 1, 1, 0), Thing(2, 5, 0, 0, 7)
    assert alterations(frozenset({cube, far}), frozenset({ball})) == (Change(cube, ball), Change(far, None))
    assert Change(cube, ball).attributes == ("shape", "colour") and Change(far, None).attributes == ()
    moved = far._replace(place=0)  # what one attribute tells apart goes before what stands there now
    assert alterations(frozenset({cube, far}), frozenset({moved})) == (Change(far, moved), Change(cube, None))
