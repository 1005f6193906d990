from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from xview.models.configs.rrf_net import TINY, Config, Fusion
from xview.models.systems.rrf_net import SHARED, RecurrentResidual, RRFNet, branch, build
from xview.models.trainable import Batch, Facts

CONFORMANCE = np.load(Path(__file__).parents[3] / "conformance" / "rrf.npz")
WIDTHS = {"images": 6, "texts": 4, "sketches": 5}


def tensor(name: str) -> Tensor:
    return torch.from_numpy(CONFORMANCE[name])


def block(fusion: Fusion) -> RecurrentResidual:
    """FC3 with the arrays' parameters; what they add before a normalisation moves into its mean."""
    found = RecurrentResidual(7, 3, fusion).double().eval()
    found.weights.weight.data = tensor("weight")
    for norm, (gamma, beta, mean, variance) in zip(
        found.norms, tensor("bn_gamma_beta_mean_var"), strict=True
    ):
        norm.weight.data, norm.bias.data = gamma, beta
        norm.running_mean, norm.running_var = mean - tensor("bias"), variance
        norm.eps = float(CONFORMANCE["bn_eps"])
    return found


def test_every_step_agrees_with_the_reference() -> None:
    expected = tensor("side_outputs").transpose(1, 2)
    torch.testing.assert_close(block(Fusion.LAST).outputs(tensor("x")), expected, rtol=1e-10, atol=1e-12)


def test_sum_fusion_agrees_with_the_reference() -> None:
    torch.testing.assert_close(block(Fusion.SUM)(tensor("x")), tensor("sum_fusion"), rtol=1e-10, atol=1e-12)


def test_conv_fusion_agrees_with_the_reference() -> None:
    found = block(Fusion.CONV)
    found.mix.weight.data = tensor("conv_weight").view(1, 4, 1)
    rng = np.random.default_rng(0)
    mean, variance = torch.from_numpy(rng.normal(size=7)), torch.from_numpy(rng.uniform(0.5, 2, 7))
    found.mixed.running_mean, found.mixed.running_var = mean - tensor("conv_bias"), variance
    expected = (tensor("conv_fusion_linear") - mean) / (variance + found.mixed.eps).sqrt()
    torch.testing.assert_close(found(tensor("x")), expected.clamp(min=0), rtol=1e-9, atol=1e-12)


def test_last_fusion_is_the_last_step() -> None:
    torch.testing.assert_close(
        block(Fusion.LAST)(tensor("x")), tensor("side_outputs")[:, :, -1], rtol=1e-10, atol=1e-12
    )


def count(config: Config) -> int:
    return sum(parameter.numel() for parameter in branch(6, config).parameters())


def test_a_step_costs_a_normalisation_and_no_weights() -> None:
    """Section 5.2: parameters are shared but for normalisation, and one weight a step in the fusion."""
    summed = [count(replace(TINY, steps=t, fusion=Fusion.SUM)) for t in range(5)]
    assert np.diff(summed).tolist() == [2 * TINY.dim] * 4
    assert count(TINY) - count(replace(TINY, fusion=Fusion.SUM)) == TINY.steps + 1 + 2 * TINY.dim


def facts(*modalities: str) -> Facts:
    names = modalities or tuple(WIDTHS)
    return Facts(
        inputs={m: (WIDTHS[m],) for m in names},
        classes=3,
        means={m: torch.zeros(WIDTHS[m]) for m in names},
        scales={m: torch.ones(()) for m in names},
    )


def batch(*modalities: str, b: int = 8, seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    common = torch.randn(b, 3, generator=generator)
    inputs = {m: common @ torch.randn(3, WIDTHS[m], generator=generator) for m in modalities or WIDTHS}
    return Batch(
        inputs,
        {m: torch.arange(b) % 3 for m in inputs},
        {m: torch.arange(b) // 2 for m in inputs},
    )


def made(config: Config = TINY, *modalities: str) -> RRFNet:
    torch.manual_seed(0)
    return build(config, facts(*modalities))


@pytest.mark.parametrize("modalities", [("images", "texts"), tuple(WIDTHS)])
def test_there_is_a_term_a_pair_and_the_loss_is_their_sum(modalities: tuple[str, ...]) -> None:
    terms = made(TINY, *modalities).step(batch(*modalities))
    loss = terms.pop("loss")
    assert len(terms) == len(modalities) * (len(modalities) - 1) // 2
    assert sum(float(term) for term in terms.values()) == pytest.approx(float(loss))


@pytest.mark.parametrize(
    ("steps", "fusion"), [(0, Fusion.CONV), (1, Fusion.SUM), (2, Fusion.LAST), (4, Fusion.CONV)]
)
def test_learns_and_every_parameter_feels_it(steps: int, fusion: Fusion) -> None:
    system = made(replace(TINY, fusion=fusion, steps=steps, dropout=0.0))
    before = {name: value.clone() for name, value in system.named_parameters()}
    losses = [float(system.step(batch())["loss"]) for _ in range(30)]
    assert losses[-1] < losses[0] / 2
    for name, value in system.named_parameters():
        assert (value.grad is not None) and not torch.equal(value, before[name]), name


def test_things_are_told_apart_and_classes_are_not() -> None:
    one = batch()
    alike = {m: torch.zeros_like(numbers) for m, numbers in one.labels.items()}
    assert float(made().step(Batch(one.inputs, alike, one.instances))["loss"]) > 0
    assert float(made().step(Batch(one.inputs, one.labels, alike))["loss"]) == 0


def test_directions_and_pairs_keep_the_datas_order() -> None:
    system = made(TINY, "images", "texts")
    state = {name: value.clone() for name, value in system.state_dict().items()}
    found = []
    for forward, backward in ((1.0, 0.0), (0.0, 1.0), (2.0, 3.0)):
        system = made(replace(TINY, forward=forward, backward=backward, dropout=0.0), "images", "texts")
        system.load_state_dict(state)
        found.append(float(system.step(batch("images", "texts"))["images-texts"]))
    assert found[2] == pytest.approx(2 * found[0] + 3 * found[1], rel=1e-5)
    assert found[0] != found[1]


def test_the_learning_rate_falls_when_the_loss_does_not() -> None:
    system = made(replace(TINY, patience=2))
    rate = system.optimisers["branches"].param_groups[0]

    def rates(*losses: float) -> list[float]:
        found = []
        for loss in losses:
            system.end_epoch({"loss": loss})
            found.append(round(rate["lr"], 9))
        return found

    assert rates(3.0, 2.0, 2.0, 2.0) == [0.1] * 4
    assert rates(2.0, 1.0) == [0.01] * 2


def test_an_item_is_embedded_alone_as_in_company() -> None:
    system = made().eval()
    x = batch().inputs["texts"]
    together = system.embed("texts", x)[SHARED]
    assert together.shape == (8, TINY.dim)
    torch.testing.assert_close(system.embed("texts", x[2:3])[SHARED], together[2:3])
