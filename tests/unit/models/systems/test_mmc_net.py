from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.contract import world
from xview.errors import SettingError
from xview.models.configs.mmc_net import TINY, Config, Fusion, Pooling
from xview.models.registry import find
from xview.models.systems.mmc_net import CLASSES, SHARED, Branch, Classifier, MMCNet, Stage, build
from xview.models.trainable import Batch, Facts
from xview.retrieval.base import Field
from xview.retrieval.fusion import FusionRanker, FusionSettings
from xview.retrieval.knn import KnnRanker
from xview.training import checkpoint
from xview.training.fit import Hooks, fit, seed_all
from xview.training.names import BEST, LAST
from xview.training.settings import Device, TrainSettings

ROW = find("mmc_net")
TWO = ("photo", "drawing")


def tiny(**changed: Any) -> Config:
    return Config.from_mapping({**TINY.to_mapping(), **changed})


def system(**changed: Any) -> MMCNet:
    seed_all(0)
    return build(tiny(**changed), world.data(TWO).facts()).train()


def batch(rows: int = 8) -> Batch:
    given = world.data(TWO)
    chosen = np.arange(0, 48, 48 // rows)[:rows]
    return given.batch(dict.fromkeys(TWO, chosen), torch.device("cpu"))


@pytest.mark.parametrize("fusion", Fusion)
def test_branch_fuses_its_last_three_layers(fusion: Fusion) -> None:
    """Against the layers applied one by one; conv starts as their mean (Eq. 7.1)."""
    seed_all(0)
    facts = world.data(TWO).facts()
    branch = Branch(tiny(fusion=fusion), facts, "photo").eval()
    x = torch.randn(4, 12)
    second = branch.second(branch.first(x))
    third = branch.third(second)
    fourth = branch.fourth(third)
    expected = {
        Fusion.NONE: fourth,
        Fusion.SUM: second + third + fourth,
        Fusion.MULTIPLY: second * third * fourth,
        Fusion.CONV: (second + third + fourth) / 3,
    }[fusion]
    torch.testing.assert_close(branch(x), expected)
    assert (second >= 0).all() and (third >= 0).all() and (fourth < 0).any()
    assert sum(p.numel() for n, p in branch.named_parameters() if n.startswith("mix")) == (
        4 if fusion is Fusion.CONV else 0
    )


def test_has_the_thesis_number_of_parameters() -> None:
    """About 8 million, and 40,960 in the classifier (Table 7.13)."""
    config = Config(hidden=2048, dim=512, batch_norm=True, sketch=2048)
    facts = Facts(inputs={"image": (2048,), "text": (300,)}, classes=20)
    made = build(config, facts)
    branches = sum(p.numel() for p in made.branches.parameters())
    assert branches == pytest.approx(8e6, rel=0.01)
    assert made.classifier is not None
    assert [p.numel() for p in made.classifier.parameters()] == [40_960]


@pytest.mark.parametrize("pooling", Pooling)
def test_classifier_pools_a_pair(pooling: Pooling) -> None:
    seed_all(0)
    classifier = Classifier(3, tiny(pooling=pooling))
    f, g = torch.randn(2, 5, 8)
    if pooling is Pooling.CONCAT:
        pooled = torch.cat([f, g], 1)
    else:
        product = torch.stack([torch.outer(a, b).flatten() for a, b in zip(f, g, strict=True)])
        raw = classifier.compact(f, g) if pooling is Pooling.COMPACT else product
        pooled = raw.sign() * raw.abs().sqrt()
        pooled = pooled / pooled.norm(dim=1, keepdim=True)
    torch.testing.assert_close(classifier(f, g), pooled @ classifier.weights.weight.T, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("spare_class", [False, True])
def test_losses_are_those_of_the_thesis(spare_class: bool) -> None:
    """Eq. 7.4, 7.9 and 7.13, pair by pair; dropout off, so that both passes see the same."""
    made = system(dropout=0, spare_class=spare_class, margin=0.3, negatives=3, beta=0.7)
    assert made.classifier is not None
    given = batch()
    with torch.no_grad():
        f, g = (branch(given.inputs[m]) for m, branch in zip(TWO, made.branches, strict=True))
        chances = made.classifier(f, g).softmax(1)
    ids = (given.labels if spare_class else given.instances)["photo"]
    distance = 1 - torch.cosine_similarity(f[:, None], g[None], dim=2)
    matching = 0.0
    for i in range(8):
        others = [j for j in range(8) if ids[j] != ids[i]]
        texts = sorted(float(distance[i, j]) for j in others)[:3]
        images = sorted(float(distance[j, i]) for j in others)[:3]
        own = float(distance[i, i])
        matching += sum(max(0.0, own - d + 0.3) for d in texts)
        matching += 2 * sum(max(0.0, own - d + 0.3) for d in images)
    right = chances[torch.arange(8), given.labels["photo"]]
    told = made.step(given)
    assert float(told["matching"]) == pytest.approx(matching / (8 * 3), rel=1e-4)
    assert float(told["classification"]) == pytest.approx(float(-right.log().mean()), rel=1e-4)
    total = float(told["matching"]) + 0.7 * float(told["classification"])
    assert float(told["loss"]) == pytest.approx(total, rel=1e-5)


def changed(made: MMCNet, before: dict[str, Tensor]) -> set[str]:
    """Which parts have other weights than `before`."""
    return {n.split(".")[0] for n, p in made.named_parameters() if not torch.equal(p, before[n])}


def test_each_stage_trains_its_part() -> None:
    """Alg. 3, over ten epochs of which the shares make 4, 2 and 4."""
    made = system(matching_share=0.4, classifier_share=0.2)
    seen, parts, terms, ready = [], [], [], []
    for epoch in range(10):
        made.begin_epoch(epoch, 10)
        before = {n: p.detach().clone() for n, p in made.named_parameters()}
        told = made.step(batch())
        seen.append(made.stage)
        parts.append(changed(made, before))
        terms.append(set(told))
        ready.append(made.ready)
    assert seen == [Stage.MATCHING] * 4 + [Stage.CLASSIFIER] * 2 + [Stage.JOINT] * 4
    assert parts == [{"branches"}] * 4 + [{"classifier"}] * 2 + [{"branches", "classifier"}] * 4
    assert (
        terms
        == [{"matching", "loss"}] * 4
        + [{"classification", "loss"}] * 2
        + [{"matching", "classification", "loss"}] * 4
    )
    assert ready == [False] * 6 + [True] * 4


def test_a_single_epoch_trains_everything() -> None:
    made = system()
    made.begin_epoch(0, 1)
    assert made.stage is Stage.JOINT


def test_rates_fall_from_stage_to_stage_and_where_a_loss_stays() -> None:
    made = system(matching_rate=0.5, classifier_rate=0.2, joint_rate=0.05, patience=1)

    def rates(stage: Stage) -> list[float]:
        return [group["lr"] for group in made.optimisers[stage].param_groups]

    assert [rates(stage) for stage in Stage] == [[0.5], [0.2], [0.05, pytest.approx(0.02)]]
    made.begin_epoch(0, 10)
    for _ in range(3):
        made.end_epoch({"loss": 1.0})
    assert rates(Stage.MATCHING) == [pytest.approx(0.05)]
    assert rates(Stage.CLASSIFIER) == [0.2]


def test_without_beta_it_is_matching_alone() -> None:
    made = system(beta=0)
    made.begin_epoch(9, 10)
    assert set(made.step(batch())) == {"matching", "loss"}
    assert made.ready
    assert set(made.eval().embed("photo", torch.randn(2, 12))) == {SHARED}
    assert list(made.optimisers) == [Stage.MATCHING]


def test_no_checkpoint_with_an_untaught_classifier_is_the_best(tmp_path: Path) -> None:
    """However well the matching alone validates."""
    given = world.data(TWO)
    settings = TrainSettings(epochs=5, seed=0, device=Device.CPU)
    made = world.build(ROW, given)
    figures = iter([0.9, 0.8, 0.1, 0.3, 0.2])
    hooks = Hooks(lambda _: {"validation mAP": next(figures)}, lambda *_: None, lambda: None)
    fit(made, given, settings, world.origin(ROW, given, settings), tmp_path, hooks)
    assert checkpoint.read_header(tmp_path / BEST).place.best_epoch == 4
    assert checkpoint.read_header(tmp_path / LAST).place.best == 0.3


def test_shares_leave_epochs_for_both() -> None:
    with pytest.raises(SettingError, match="leave epochs"):
        Config(matching_share=0.7, classifier_share=0.3)


def test_class_evidence_re_ranks() -> None:
    """Late fusion of both spaces is cos(f, g) + gamma cos(p, q); with one-hot p as good as a filter."""
    given = world.data(TWO)
    made = world.build(ROW, given)
    world.learn(made, given, 10)
    found = world.embedded(made, given)
    for spaces in found.values():
        assert torch.allclose(spaces[CLASSES].sum(1), torch.ones(48), atol=1e-5)
        assert (spaces[CLASSES] >= 0).all()

    def unit(modality: str, space: str) -> Any:
        return torch.nn.functional.normalize(found[modality][space]).numpy()

    fields = {s: Field(x_shared=unit("photo", s), y_shared=unit("drawing", s)) for s in (SHARED, CLASSES)}
    settings = FusionSettings(mode="weighted", weights="1, 2", scale="none")
    fused = FusionRanker(settings, {s: KnnRanker(field) for s, field in fields.items()})
    cosine, evidence = (unit("photo", s) @ unit("drawing", s).T for s in (SHARED, CLASSES))
    np.testing.assert_allclose(fused.score_matrix(np.arange(48)), (cosine + 2 * evidence) / 3, atol=1e-5)
    product = found["photo"][CLASSES] @ found["drawing"][CLASSES].T
    sizes = found["photo"][CLASSES].norm(dim=1)[:, None] * found["drawing"][CLASSES].norm(dim=1)
    np.testing.assert_allclose(evidence, product / sizes, atol=1e-5)
