"""What every trainable system of the registry promises the training loop and whoever reads its spaces."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import multiprocessing

from tests.contract import sharing, world
from xview.models.registry import SYSTEMS, Role, System
from xview.models.trainable import OWN, Trainable
from xview.training import checkpoint
from xview.training.checkpoint import Place
from xview.training.settings import TrainSettings

STEPS = 40
TRAINABLE = [row for row in SYSTEMS.values() if not row.closed_form]
systems = pytest.mark.parametrize("row", TRAINABLE, ids=lambda row: row.name)
systems_and_modalities = pytest.mark.parametrize(
    ("row", "modalities"),
    [(row, modalities) for row in TRAINABLE for modalities in world.modalities(row)],
    ids=lambda value: value.name if isinstance(value, System) else str(len(value)),
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def weights(system: Trainable) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in system.state_dict().items()}


@systems_and_modalities
def test_learning_lowers_the_loss(row: System, modalities: tuple[str, ...]) -> None:
    """Under the weights and rates of the last epoch, from first steps to last."""
    given = world.data(modalities)
    system = world.build(row, given)
    batches = world.Batches(given, system.batching, world.SEED)
    system.begin_epoch(world.EPOCHS - 1, world.EPOCHS)
    rows = itertools.chain.from_iterable(batches.epoch(epoch) for epoch in itertools.count())
    losses = [
        float(system.step(given.batch(chosen, torch.device("cpu")))["loss"])
        for chosen in itertools.islice(rows, STEPS)
    ]
    assert np.isfinite(losses).all()
    assert np.mean(losses[-STEPS // 4 :]) < np.mean(losses[: STEPS // 4])


@systems_and_modalities
def test_embeds_every_item_in_spaces_of_one_width(row: System, modalities: tuple[str, ...]) -> None:
    given = world.data(modalities)
    system = world.build(row, given)
    world.learn(system, given, 1)
    found = world.embedded(system, given)
    first, *others = found.values()
    shared = [name for name in first if name != OWN]
    assert bool(shared) == (row.role is Role.JOINT_EMBEDDER)
    assert all(list(spaces) == list(first) for spaces in others)
    for name in shared:
        assert len({spaces[name].shape for spaces in found.values()}) == 1
    for modality, spaces in found.items():
        for vectors in spaces.values():
            assert vectors.ndim == 2 and len(vectors) == len(given.inputs[modality])
            assert torch.isfinite(vectors).all()
            assert (vectors.norm(dim=1) > 0).all()


@systems
def test_an_item_lies_where_it_lies_whatever_lies_beside_it(row: System) -> None:
    given = world.data(world.modalities(row)[-1])
    system = world.build(row, given)
    world.learn(system, given, 1)
    together = world.embedded(system, given)
    with torch.inference_mode():
        for modality, items in world.pictured(given).items():
            alone = system.eval().embed(modality, torch.from_numpy(items[5:6]))
            for name, vectors in alone.items():
                torch.testing.assert_close(vectors[0], together[modality][name][5], rtol=1e-4, atol=1e-5)


@systems
def test_a_checkpoint_holds_the_whole_system(row: System, tmp_path: Path) -> None:
    given = world.data(world.modalities(row)[-1])
    system = world.build(row, given)
    world.learn(system, given, 2)
    made_of = world.origin(row, given, TrainSettings())
    checkpoint.save(tmp_path / "c.safetensors", system, made_of, Place())
    again, header = checkpoint.load(tmp_path / "c.safetensors")
    assert header.origin == made_of
    assert weights(again) == weights(system)
    before, after = world.embedded(system, given), world.embedded(again, given)
    for modality, spaces in before.items():
        assert list(after[modality]) == list(spaces)
        for name, vectors in spaces.items():
            assert torch.equal(after[modality][name], vectors)


@systems
def test_the_same_seed_gives_the_same_weights_byte_for_byte(row: System) -> None:
    given = world.data(world.modalities(row)[-1])
    made = []
    for seed in (world.SEED, world.SEED, world.SEED + 1):
        system = world.build(row, given, seed)
        world.learn(system, given, 2)
        made.append(weights(system))
    assert made[0] == made[1]
    assert made[0] != made[2]


@systems
def test_every_parameter_is_optimised_and_feels_the_loss(row: System) -> None:
    given = world.data(world.modalities(row)[-1])
    system = world.build(row, given)
    learnt = {name: p for name, p in system.named_parameters() if p.requires_grad}
    kept = {
        id(p) for optimiser in system.optimisers.values() for g in optimiser.param_groups for p in g["params"]
    }
    assert [name for name, p in learnt.items() if id(p) not in kept] == []

    before = {name: p.detach().clone() for name, p in learnt.items()}
    felt = set()
    for name, parameter in learnt.items():

        def feel(p: torch.Tensor, name: str = name) -> None:
            if p.grad is not None and p.grad.any():
                felt.add(name)

        parameter.register_post_accumulate_grad_hook(feel)
    world.learn(system, given)
    assert [name for name in learnt if name not in felt] == []
    assert [name for name, p in learnt.items() if torch.equal(p, before[name])] == []


@systems
def test_a_run_stopped_anywhere_goes_on_as_if_it_had_not(row: System, tmp_path: Path) -> None:
    given = world.data(world.modalities(row)[0])
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = world.Run(row, given, tmp_path / "whole")
    through = whole()
    steps = max(whole.told)
    parts = world.Run(row, given, tmp_path / "parts")
    for after in (steps // 2 + 1, 2):
        with pytest.raises(world.Stopped):
            parts(stop_after=after)
    resumed = parts()
    assert weights(resumed) == weights(through)
    assert parts.told == whole.told


@systems
def test_settings_survive_a_file_and_explain_themselves(row: System) -> None:
    config = row.config()
    for values in (config(), world.tiny(row)):
        assert type(values) is config
        assert config.from_mapping(json.loads(json.dumps(values.to_mapping()))) == values
    for parameter in config.parameters():
        assert len(parameter.help) > 10, parameter.key


@pytest.mark.parametrize(
    "row", [row for row in TRAINABLE if row.role is Role.JOINT_EMBEDDER], ids=lambda row: row.name
)
def test_a_modality_may_be_called_anything(row: System, tmp_path: Path) -> None:
    """Names come from the user's data set."""
    given = world.data(("photo.v1 / front", "type"))
    system = world.build(row, given)
    world.learn(system, given, 1)
    checkpoint.save(tmp_path / "c", system, world.origin(row, given, TrainSettings()), Place())
    again, _ = checkpoint.load(tmp_path / "c")
    assert weights(again) == weights(system)


@pytest.fixture(scope="module")
def shared_curves(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, float]]]:
    """Of every system, from two processes that share each batch."""
    folder = tmp_path_factory.mktemp("processes")
    names = [row.name for row in TRAINABLE]
    multiprocessing.spawn(sharing.work, (2, folder, names), nprocs=2)
    found: dict[str, list[dict[str, float]]] = json.loads((folder / "curves.json").read_text())
    return found


@systems
def test_two_processes_compute_what_one_does(
    row: System, shared_curves: dict[str, list[dict[str, float]]]
) -> None:
    """Every term of every step; sums run in another order, so rounding differs."""
    (alone,) = sharing.curves([row.name]).values()
    together = shared_curves[row.name]
    assert [list(terms) for terms in together] == [list(terms) for terms in alone]
    for one, two in zip(alone, together, strict=True):
        np.testing.assert_allclose(list(two.values()), list(one.values()), rtol=1e-6, atol=1e-8)
