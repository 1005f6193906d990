from __future__ import annotations

import copy
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, distributed, nn

from xview.errors import SettingError, TrainingError
from xview.models.systems.two_stream import TINY, Config, TwoStream, build, picture_shape
from xview.models.trainable import OWN, Batch, Facts

PLAIN = replace(TINY, dropout=0)
PIXELS = Config(
    backbone="small",
    height=16,
    width=16,
    channels=1,
    maps=4,
    dim=8,
    lr=1e-2,
    classes_per_batch=3,
    items_per_class=2,
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def feature_facts(*modalities: str) -> Facts:
    return Facts(
        inputs=dict.fromkeys(modalities, (5,)),
        classes=3,
        means=dict.fromkeys(modalities, torch.full((5,), 0.8)),
        scales=dict.fromkeys(modalities, torch.tensor(0.4)),
    )


def picture_facts(config: Config, *modalities: str) -> Facts:
    return Facts(inputs=dict.fromkeys(modalities, picture_shape(config)), classes=3)


def batch(facts: Facts, rows: int = 6) -> Batch:
    random = torch.Generator().manual_seed(1)
    labels = torch.arange(rows) * 3 // rows
    inputs = {}
    for modality, shape in facts.inputs.items():
        noise = torch.rand(rows, *shape, generator=random)
        inputs[modality] = noise + labels.view(-1, *[1] * len(shape)) * 0.3
    return Batch(inputs, dict.fromkeys(inputs, labels), dict.fromkeys(inputs, labels))


def made(config: Config, facts: Facts, seed: int = 0) -> TwoStream:
    torch.manual_seed(seed)
    return build(config, facts).train()


CASES = [
    (PLAIN, feature_facts("a", "b")),
    (replace(TINY, batch_norm=True), feature_facts("a", "b", "c")),
    (PIXELS, picture_facts(PIXELS, "a", "b")),
]


@pytest.mark.parametrize(("config", "facts"), CASES)
def test_it_learns(config: Config, facts: Facts) -> None:
    system, data = made(config, facts), batch(facts)
    system.begin_epoch(0, 1)
    losses = [float(system.step(data)["loss"]) for _ in range(30)]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize(("config", "facts"), CASES)
def test_every_parameter_learns(config: Config, facts: Facts) -> None:
    system = made(config, facts)
    before = copy.deepcopy(dict(system.named_parameters()))
    system.step(batch(facts))
    assert [name for name, p in system.named_parameters() if torch.equal(p, before[name])] == []
    owned = [p for o in system.optimisers.values() for group in o.param_groups for p in group["params"]]
    assert len(owned) == len({id(p) for p in owned}) == len(before)


@pytest.mark.parametrize(("config", "facts"), CASES)
def test_it_gives_a_shared_space_and_one_of_each_modality(config: Config, facts: Facts) -> None:
    system, data = made(config, facts).eval(), batch(facts)
    spaces = {m: system.embed(m, data.inputs[m]) for m in facts.modalities}
    assert all(list(found) == ["shared", OWN] for found in spaces.values())
    assert all(space.shape == (6, config.dim) for found in spaces.values() for space in found.values())


def test_the_loss_is_equation_9() -> None:
    facts = feature_facts("a", "b")
    system = made(replace(PLAIN, beta=0.5, margin=0.4), facts)
    data = batch(facts)
    x = torch.cat([system.embed(m, data.inputs[m])["shared"] for m in "ab"]).detach()
    labels = torch.cat([data.labels[m] for m in "ab"])
    logits = torch.where(x > 0, x, 0.01 * x) @ system.cross.fc2.weight.T + system.cross.fc2.bias
    terms = system.step(data)

    classification = torch.stack([row.logsumexp(0) - row[k] for row, k in zip(logits, labels, strict=True)])
    hinges = []
    for a in range(12):
        cosines = [float(nn.functional.cosine_similarity(x[a], x[b], dim=0)) for b in range(12)]
        least = min(c for b, c in enumerate(cosines) if labels[b] == labels[a] and b != a)
        most = max(c for b, c in enumerate(cosines) if labels[b] != labels[a])
        hinges.append(max(0.0, 0.4 - least + most))
    assert float(terms["classification"]) == pytest.approx(float(classification.detach().mean()), rel=1e-5)
    assert float(terms["triplet"]) == pytest.approx(sum(hinges) / 12, rel=1e-4)
    expected = 2 * terms["single-modal"] + terms["classification"] + 0.5 * terms["triplet"]
    assert float(terms["loss"]) == pytest.approx(float(expected), rel=1e-6)


def test_the_networks_of_a_modality_never_feel_the_others() -> None:
    """What single-modal networks learn does not change with another modality's items, or with the triplet."""
    facts = feature_facts("a", "b")
    one, other = made(PLAIN, facts), made(replace(PLAIN, beta=3.0), facts)
    data = batch(facts)
    changed = Batch(data.inputs | {"b": data.inputs["b"] + 1}, data.labels, data.instances)
    for _ in range(3):
        one.step(data)
        other.step(changed)
    x = data.inputs["a"]
    assert torch.equal(one.embed("a", x)[OWN], other.embed("a", x)[OWN])
    assert not torch.equal(one.embed("a", x)["shared"], other.embed("a", x)["shared"])


def test_features_are_those_of_the_batch_norm_where_there_is_one() -> None:
    facts = feature_facts("a", "b")
    system = made(replace(PLAIN, batch_norm=True), facts)
    for features in system.embed("a", 100 * batch(facts).inputs["a"]).values():
        assert features.mean(0).abs().max() < 1e-4
        assert (features.var(0, unbiased=False) - 1).abs().max() < 1e-2


def test_the_learning_rate_falls_along_half_a_cosine() -> None:
    system = made(replace(TINY, lr=0.8), feature_facts("a", "b"))
    found = []
    for epoch in range(4):
        system.begin_epoch(epoch, 4)
        found += [{group["lr"] for o in system.optimisers.values() for group in o.param_groups}]
    assert [len(rates) for rates in found] == [1] * 4
    half = 2**-0.5
    expected = [0.8, 0.4 * (1 + half), 0.4, 0.4 * (1 - half)]
    assert [rate for rates in found for rate in rates] == pytest.approx(expected)


def test_pictures_move_while_learning_and_stand_still_after() -> None:
    facts = picture_facts(PIXELS, "a", "b")
    system, x = made(PIXELS, facts), batch(facts).inputs["a"]
    assert not torch.equal(system._varied(x), x)
    system.eval()
    assert torch.equal(system.embed("a", x)["shared"], system.embed("a", x.clone())["shared"])


def test_inputs_a_backbone_cannot_take_are_refused() -> None:
    with pytest.raises(TrainingError, match="a comes as pictures, which backbone=features cannot take"):
        build(TINY, picture_facts(PIXELS, "a", "b"))
    with pytest.raises(TrainingError, match="a comes as features, which backbone=small cannot take"):
        build(PIXELS, feature_facts("a", "b"))


def test_pictures_are_grey_or_in_colour() -> None:
    assert picture_shape(PIXELS) == (1, 16, 16)
    assert picture_shape(TINY) is None
    with pytest.raises(SettingError, match="channels must be 1"):
        picture_shape(replace(PIXELS, channels=2))


def _learn(rank: int, folder: str) -> None:
    """Two steps in one of two processes, with its half of the batch."""
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    facts = picture_facts(PIXELS, "a", "b")
    whole, half = batch(facts, 12), slice(rank * 6, rank * 6 + 6)
    mine = Batch(
        {m: x[half] for m, x in whole.inputs.items()}, {m: y[half] for m, y in whole.labels.items()}, {}
    )
    system = made(PIXELS, facts)
    losses = [system.step(mine) for _ in range(2)]
    torch.save({"losses": losses, "state": system.state_dict()}, f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


@pytest.mark.skipif(not distributed.is_gloo_available(), reason="torch was built without gloo")
def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_learn, args=(rank, str(tmp_path))) for rank in range(2)]
    for process in processes:
        process.start()
    facts = picture_facts(PIXELS, "a", "b")
    alone = made(PIXELS, facts)
    expected = [alone.step(batch(facts, 12)) for _ in range(2)]
    for process in processes:
        process.join(150)
        assert process.exitcode == 0
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for here, there in zip(expected, found["losses"], strict=True):
            _close(there, here)
        _close(found["state"], alone.state_dict())


def _close(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(
            found[name], value, rtol=1e-3, atol=2e-5, msg=lambda m, n=name: f"{n}: {m}"
        )
