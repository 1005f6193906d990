from __future__ import annotations

import copy
from dataclasses import replace
from math import exp, log

import pytest
import torch
from torch import Tensor

from xview.errors import SettingError, TrainingError
from xview.models.losses.cmpm import cmpm
from xview.models.losses.coral import coral
from xview.models.losses.mmd import VARIANCES, mmd
from xview.models.systems.jfse import TINY, Config, Jfse, build
from xview.models.trainable import OWN, Batch, Facts

ALONE = replace(TINY, with_synthesis=False, dropout=0.0)
CLASSES, EMBEDDING = 4, 3


def embeddings() -> Tensor:
    """(6, 3) of four classes to learn from and two held out."""
    return torch.randn(6, EMBEDDING, generator=torch.Generator().manual_seed(5)).double()


def facts(*modalities: str, zero_shot: bool = False) -> Facts:
    return Facts(
        inputs=dict.fromkeys(modalities, (5,)),
        classes=CLASSES,
        means=dict.fromkeys(modalities, torch.full((5,), 2.0, dtype=torch.float64)),
        scales=dict.fromkeys(modalities, torch.tensor(3.0, dtype=torch.float64)),
        class_vectors=embeddings()[:CLASSES],
        unseen_class_vectors=embeddings()[CLASSES:] if zero_shot else None,
    )


def items(modality: str, classes: Tensor) -> Tensor:
    """Features that are a linear function of the class's embedding, another in every modality, and noise."""
    random = torch.Generator().manual_seed(ord(modality))
    weight, noise = (torch.randn(n, 5, generator=random).double() for n in (EMBEDDING, len(classes)))
    return 2 + 3 * (embeddings()[classes] @ weight + 0.3 * noise)


def batch(of: Facts, rows: int = 16) -> Batch:
    labels = torch.arange(rows) % CLASSES
    inputs = {m: items(m, labels) for m in of.modalities}
    return Batch(inputs, dict.fromkeys(inputs, labels), dict.fromkeys(inputs, labels))


def made(config: Config, of: Facts, seed: int = 0) -> Jfse:
    torch.manual_seed(seed)
    system = build(config, of).double().train()  # rounding would grow from step to step
    assert isinstance(system, Jfse)
    return system


CASES = [
    (TINY, facts("a", "b")),
    (replace(TINY, alignment="cmca", dropout=0.2), facts("a", "b", "c", zero_shot=True)),
    (replace(TINY, alignment="cmmd"), facts("a", "b", zero_shot=True)),
]


@pytest.mark.parametrize(("config", "of"), CASES)
def test_it_learns(config: Config, of: Facts) -> None:
    system, data = made(config, of), batch(of)
    losses = [float(system.step(data)["loss"]) for _ in range(15)]
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])


@pytest.mark.parametrize(("config", "of"), CASES)
def test_every_parameter_learns(config: Config, of: Facts) -> None:
    system = made(config, of)
    before = copy.deepcopy(dict(system.named_parameters()))
    system.step(batch(of))
    assert [name for name, p in system.named_parameters() if torch.equal(p, before[name])] == []
    owned = [p for o in system.optimisers.values() for group in o.param_groups for p in group["params"]]
    assert len(owned) == len({id(p) for p in owned}) == len(before)


@pytest.mark.parametrize(("config", "of"), CASES)
def test_the_shared_space_is_that_of_the_class_embeddings(config: Config, of: Facts) -> None:
    system, data = made(config, of).eval(), batch(of)
    for modality in of.modalities:
        found = system.embed(modality, data.inputs[modality])
        assert list(found) == ["shared", OWN]
        assert found["shared"].shape == (16, EMBEDDING)
        torch.testing.assert_close(found[OWN], (data.inputs[modality] - 2) / 3)


@pytest.mark.parametrize("alignment", ["cmmd", "cmca", "cmpm"])
@pytest.mark.parametrize("modalities", ["ab", "abc"])
def test_terms_on_true_items_are_the_papers(alignment: str, modalities: str) -> None:
    of = facts(*modalities)
    system = made(replace(ALONE, alignment=alignment, beta=0.5, gamma=0.25, lam=2.0), of)
    data = batch(of)
    told = [system.embed(m, data.inputs[m])["shared"].detach() for m in modalities]
    logits = [system.discriminator(e).detach() for e in told]
    c = embeddings()[:CLASSES]
    c = (c - c.mean(0)) / (c - c.mean(0)).square().mean().sqrt()
    labels = torch.arange(16) % CLASSES
    terms = system.step(data)

    cycle = sum(float(((e[i] - c[labels[i]]) ** 2).sum()) / 16 for e in told for i in range(16))
    adversary = 0.0
    for origin, rows in enumerate(logits):
        for row in rows.tolist():
            chances = [1 / (1 + exp(row[0])), 1 / (1 + exp(-row[0]))] if len(row) == 1 else row
            if len(row) > 1:
                chances = [exp(value) / sum(map(exp, row)) for value in row]
            adversary -= log(chances[origin]) / 16
    between = {
        "cmmd": lambda x, y: mmd(x, y, VARIANCES),
        "cmca": coral,
        "cmpm": lambda x, y: cmpm(x, y, labels),
    }[alignment]
    aligned = sum(float(between(told[i], told[j])) for j in range(len(told)) for i in range(j))
    found = {name: float(value) for name, value in terms.items()}
    assert found.keys() == {"alignment", "adversary", "cycle", "loss"}
    assert found["cycle"] == pytest.approx(cycle, rel=1e-5)
    assert found["adversary"] == pytest.approx(adversary, rel=1e-5)
    assert found["alignment"] == pytest.approx(aligned, rel=1e-4)
    assert found["loss"] == pytest.approx(0.5 * aligned + 0.25 * adversary + 2 * cycle, rel=1e-4)


def test_updates_follow_algorithm_1(monkeypatch: pytest.MonkeyPatch) -> None:
    of = facts("a", "b")
    system = made(replace(TINY, critic_steps=3), of)
    order, update = [], system.update

    def spy(name: str, loss: Tensor) -> None:
        before = copy.deepcopy(system.state_dict())
        update(name, loss)
        part = {"discriminator": "discriminator."}.get(name, f".{name[:-1]}.")
        changed = [key for key, value in system.state_dict().items() if not torch.equal(value, before[key])]
        assert changed and all(part in key for key in changed)
        order.append(name)

    monkeypatch.setattr(system, "update", spy)
    system.step(batch(of))
    assert order == ["critics"] * 3 + ["generators", "regressors", "discriminator"]


def test_regressors_climb_what_the_discriminator_descends(monkeypatch: pytest.MonkeyPatch) -> None:
    of = facts("a", "b")
    system = made(replace(ALONE, with_alignment=False, with_cycle=False, learning_rate=1e-4), of)
    data, update, rises = batch(of), system.update, {}

    def entropy() -> float:
        told = [system.discriminator(system.embed(m, data.inputs[m])["shared"]) for m in "ab"]
        return float((torch.nn.functional.softplus(told[0]) + torch.nn.functional.softplus(-told[1])).mean())

    def spy(name: str, loss: Tensor) -> None:
        with torch.no_grad():
            before = entropy()
            with torch.enable_grad():
                update(name, loss)
            rises[name] = entropy() - before

    monkeypatch.setattr(system, "update", spy)
    system.step(data)
    assert rises["regressors"] > 0 > rises["discriminator"]


@pytest.mark.parametrize(
    ("off", "terms"),
    [
        ("with_synthesis", {"alignment", "adversary", "cycle"}),
        ("with_alignment", {"critics", "generators", "adversary", "cycle"}),
        ("with_adversary", {"critics", "generators", "alignment", "cycle"}),
        ("with_cycle", {"critics", "generators", "alignment", "adversary"}),
    ],
)
def test_every_term_has_a_switch(off: str, terms: set[str]) -> None:
    of = facts("a", "b", zero_shot=True)
    system = made(replace(TINY, **{off: False}), of)
    before = copy.deepcopy(dict(system.named_parameters()))
    assert system.step(batch(of)).keys() == terms | {"loss"}
    assert [name for name, p in system.named_parameters() if torch.equal(p, before[name])] == []


def test_a_system_without_anything_to_learn_is_refused() -> None:
    with pytest.raises(SettingError, match="nothing is left to learn"):
        Config(with_alignment=False, with_adversary=False, with_cycle=False)


def test_critics_and_generators_come_to_make_items_of_the_class() -> None:
    of = facts("a", "b")
    config = replace(TINY, width=64, critic_steps=3, with_adversary=False, with_alignment=False, lam=0.0)
    system, data = made(replace(config, synthesis_rate=5e-3), of), batch(of, 32)

    @torch.no_grad()
    def gap() -> float:
        found = 0.0
        for path, modality in zip(system.pathways, of.modalities, strict=True):
            labels, true = data.labels[modality], path.standardise(data.inputs[modality])
            synthetic = path.synthesise(system.seen[labels])
            for k in range(CLASSES):
                found += float((synthetic[labels == k].mean(0) - true[labels == k].mean(0)).norm())
        return found

    before = gap()
    for _ in range(60):
        system.step(data)
    assert gap() < 0.7 * before


def test_every_group_of_items_meets_the_discriminator() -> None:
    """Of true items, synthetic ones and synthetic unseen ones: untrained, it tells each side by a coin."""
    for config, of, groups in (
        (ALONE, facts("a", "b", zero_shot=True), 1),
        (TINY, facts("a", "b"), 2),
        (TINY, facts("a", "b", zero_shot=True), 3),
    ):
        found = made(config, of).step(batch(of))["adversary"]
        assert float(found) == pytest.approx(groups * 2 * log(2), rel=0.1)


def test_classes_held_out_teach_by_their_embeddings() -> None:
    """Zero-shot: where held-out classes stand changes the regressors, their items are nowhere."""
    states = []
    for shift in (0.0, 1.0):
        of = facts("a", "b", zero_shot=True)
        assert of.unseen_class_vectors is not None
        system = made(TINY, replace(of, unseen_class_vectors=of.unseen_class_vectors + shift))
        system.step(batch(of))
        states.append(system.pathways[0].regressor[0].weight.detach())
    assert not torch.equal(*states)


def test_without_unseen_classes_training_is_the_standard_one() -> None:
    states = []
    for of in (facts("a", "b"), facts("a", "b", zero_shot=True)):
        system = made(replace(TINY, synthetic_unseen=False), of)
        system.step(batch(of))
        states.append(system.state_dict())
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_checkpoint_can_be_filled_into_what_its_header_builds() -> None:
    of = facts("a", "b", zero_shot=True)
    system, data = made(TINY, of), batch(of)
    system.step(data)
    again = build(TINY, Facts.from_json(of.to_json())).double()
    again.load_state_dict(system.state_dict())
    x = data.inputs["b"]
    assert torch.equal(again.eval().embed("b", x)["shared"], system.eval().embed("b", x)["shared"])


def test_classes_without_embeddings_are_refused() -> None:
    with pytest.raises(TrainingError, match="embeddings of the classes"):
        build(TINY, replace(facts("a", "b"), class_vectors=None))
