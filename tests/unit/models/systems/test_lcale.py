from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import exp, sqrt

import numpy as np
import pytest
import torch
from torch import Tensor

from xview.errors import SettingError
from xview.models.systems import lcale
from xview.models.systems.lcale import TINY, Lcale
from xview.models.trainable import OWN, Aligned, Batch, Facts

SIZES = {"images": 7, "texts": 5, "sounds": 6}
WEIGHTS = {"VAE": 1.0, "CR": 0.7, "CA1": 0.5, "CA2": 3.0, "CYC": 0.2}
CONFIG = replace(TINY, alpha=0.7, beta=0.5, mmd=3.0, gamma=0.2, kl=1.0)


def facts(modalities: int) -> Facts:
    random = torch.Generator().manual_seed(3)
    inputs = {m: (SIZES[m],) for m in list(SIZES)[:modalities]}
    return Facts(
        inputs=inputs,
        classes=3,
        means={m: torch.randn(size, generator=random) for m, (size,) in inputs.items()},
        scales={m: torch.tensor(0.5) for m in inputs},
        class_vectors=torch.randn(3, 4, generator=random),
    )


def batch(modalities: int, rows: int = 6) -> Batch:
    random = torch.Generator().manual_seed(4)
    labels = torch.arange(rows) % 3
    names = list(SIZES)[:modalities]
    inputs = {m: torch.randn(rows, SIZES[m], generator=random) + labels[:, None] for m in names}
    return Batch(inputs, dict.fromkeys(names, labels), dict.fromkeys(names, labels))


def built(modalities: int = 2, config: lcale.Config = CONFIG) -> Lcale:
    torch.manual_seed(0)
    return lcale.build(config, facts(modalities))


def standardised(modalities: int) -> list[Tensor]:
    """What the networks should see: modalities, then the rows' classes."""
    told, given = facts(modalities), batch(modalities)
    assert told.class_vectors is not None
    x = [(given.inputs[m] - told.means[m]) / 0.5 for m in told.modalities]
    classes = told.class_vectors - told.class_vectors.mean(dim=0)
    classes = classes / float(np.sqrt(np.mean(np.square(classes.numpy()))))
    return [*x, torch.stack([classes[label] for label in given.labels["images"].tolist()])]


def by_the_paper(system: Lcale, x: Sequence[Tensor], noise: Sequence[Tensor]) -> dict[str, float]:
    """Eq. 2, 3, 6, 7 and 8, row after row; modalities first, classes last."""
    rows, last = len(x[0]), len(x) - 1
    mu = [system.encoders[m](x[m])[0].tolist() for m in range(len(x))]
    logvar = [system.encoders[m](x[m])[1].tolist() for m in range(len(x))]
    z = [
        [
            [a + exp(v / 2) * e for a, v, e in zip(mu[m][i], logvar[m][i], noise[m][i].tolist(), strict=True)]
            for i in range(rows)
        ]
        for m in range(len(x))
    ]

    def apart(a: Sequence[float], b: Sequence[float]) -> float:
        return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))

    def decoded(m: int, n: int, i: int) -> Tensor:
        return system.decoders[n](torch.tensor(z[m][i])[None])[0]

    found = dict.fromkeys(("KL", "reconstruction", "CR", "CA1", "CYC"), 0.0)
    for i in range(rows):
        for m in range(len(x)):
            pairs = list(zip(mu[m][i], logvar[m][i], strict=True))
            found["KL"] += sum(a * a + exp(v) - v - 1 for a, v in pairs) / 2 / rows
            for n in range(len(x)):
                error = apart(x[n][i].tolist(), decoded(m, n, i).tolist())
                found["reconstruction" if m == n else "CR"] += error / rows
        for m in range(last):
            sigma = [[exp(v / 2) for v in logvar[k][i]] for k in (m, last)]
            found["CA1"] += sqrt(apart(mu[m][i], mu[last][i]) + apart(*sigma)) / rows
            told = system.regressors[m](decoded(m, m, i)[None])[0]
            found["CYC"] += apart(x[last][i].tolist(), told.tolist()) / rows

    def kernel(a: Sequence[float], b: Sequence[float]) -> float:
        return sum(exp(-apart(a, b) / (2 * scale * system.config.latent)) for scale in (0.25, 1, 4))

    def mean(m: int, n: int) -> float:
        return sum(kernel(a, b) for a in z[m] for b in z[n]) / rows**2

    found["CA2"] = sum(mean(m, m) + mean(n, n) - 2 * mean(m, n) for m, n in combinations(range(last), 2))
    return found


@pytest.mark.parametrize("modalities", [2, 3])
def test_every_loss_is_the_papers_and_their_sum_is_weighted(modalities: int) -> None:
    system = built(modalities)
    torch.manual_seed(1)
    noise = [torch.randn(6, CONFIG.latent) for _ in range(modalities + 1)]
    expected = by_the_paper(system, standardised(modalities), noise)
    torch.manual_seed(1)
    found = system.step(batch(modalities))
    total = found.pop("loss").item()
    assert {name: value.item() for name, value in found.items()} == pytest.approx(expected, rel=1e-4)
    assert total == pytest.approx(
        expected["reconstruction"]
        + expected["KL"]
        + sum(WEIGHTS[name] * expected[name] for name in ("CR", "CA1", "CA2", "CYC")),
        rel=1e-4,
    )


def test_encoders_decoders_and_regressors_move_in_turn() -> None:
    """Algorithm 1: each part's gradient is taken where the part before has moved already."""
    system = built()
    oracle = copy.deepcopy(system)
    torch.manual_seed(1)
    system.step(batch(2))

    torch.manual_seed(1)
    noise = [torch.randn(6, CONFIG.latent) for _ in range(3)]
    x = standardised(2)
    for part in (oracle.encoders, oracle.decoders, oracle.regressors):
        codes = [encoder(rows) for encoder, rows in zip(oracle.encoders, x, strict=True)]
        z = [mu + torch.exp(v / 2) * e for (mu, v), e in zip(codes, noise, strict=True)]
        loss = torch.zeros(())
        for m in range(3):
            mu, v = codes[m]
            loss = loss + 0.5 * (mu**2 + v.exp() - v - 1).sum() / 6
            for n in range(3):
                error = ((x[n] - oracle.decoders[n](z[m])) ** 2).sum() / 6
                loss = loss + (1.0 if m == n else 0.7) * error
        for m in range(2):
            (mu, v), (centre, w) = codes[m], codes[2]
            distance = ((mu - centre) ** 2).sum(1) + (((v / 2).exp() - (w / 2).exp()) ** 2).sum(1)
            loss = loss + 0.5 * distance.sqrt().mean()
            told = oracle.regressors[m](oracle.decoders[m](z[m]))
            loss = loss + 0.2 * ((x[2] - told) ** 2).sum() / 6
        grams = {
            (m, n): sum(
                torch.exp(-(torch.cdist(z[m], z[n]) ** 2) / (2 * scale * CONFIG.latent)).mean()
                for scale in (0.25, 1, 4)
            )
            for m in range(2)
            for n in range(2)
        }
        loss = loss + 3.0 * (grams[0, 0] + grams[1, 1] - 2 * grams[0, 1])
        optimiser = torch.optim.Adam(part.parameters(), lr=CONFIG.rate)
        gradients = torch.autograd.grad(loss, list(part.parameters()))
        for parameter, gradient in zip(part.parameters(), gradients, strict=True):
            parameter.grad = gradient
        optimiser.step()
    for name, value in oracle.state_dict().items():
        torch.testing.assert_close(system.state_dict()[name], value, rtol=1e-4, atol=2e-5, msg=name)


def test_one_step_moves_every_parameter() -> None:
    system = built(3)
    before = copy.deepcopy(dict(system.named_parameters()))
    system.step(batch(3))
    assert [n for n, p in system.named_parameters() if torch.equal(p, before[n])] == []
    owned = [p for o in system.optimisers.values() for group in o.param_groups for p in group["params"]]
    assert {id(p) for p in owned} == {id(p) for p in system.parameters()} and len(owned) == len(set(owned))


@pytest.mark.parametrize(
    ("switch", "gone", "still"),
    [
        ("with_vae", {"KL", "reconstruction"}, "encoders decoders regressors"),
        ("with_cross", {"CR"}, "encoders decoders regressors"),
        ("with_wasserstein", {"CA1"}, "encoders decoders regressors"),
        ("with_mmd", {"CA2"}, "encoders decoders regressors"),
        ("with_cycle", {"CYC"}, "encoders decoders"),
    ],
)
def test_a_switch_takes_its_loss_out_and_leaves_the_others(switch: str, gone: set[str], still: str) -> None:
    full, without = built(), built(config=replace(CONFIG, **{switch: False}))
    before = copy.deepcopy(without.state_dict())
    losses = []
    for system in (full, without):
        torch.manual_seed(1)
        losses.append({name: value.item() for name, value in system.step(batch(2)).items()})
    assert set(losses[0]) - set(losses[1]) == gone
    assert all(losses[1][name] == losses[0][name] for name in losses[1] if name != "loss")
    moved = {
        n.split(".")[0] for n, value in without.state_dict().items() if not torch.equal(value, before[n])
    }
    assert moved == set(still.split())


def test_alignment_alone_moves_the_encoders_alone() -> None:
    system = built(config=replace(CONFIG, with_vae=False, with_cross=False, with_cycle=False))
    before = copy.deepcopy(system.state_dict())
    assert set(system.step(batch(2))) == {"CA1", "CA2", "loss"}
    moved = {n.split(".")[0] for n, value in system.state_dict().items() if not torch.equal(value, before[n])}
    assert moved == {"encoders"}


def test_nothing_to_learn_from_is_refused() -> None:
    off = dict.fromkeys(("with_vae", "with_cross", "with_wasserstein", "with_mmd", "with_cycle"), False)
    with pytest.raises(SettingError, match="every loss is switched off"):
        lcale.Config.from_mapping(off)


def test_the_rate_decays_every_ten_epochs() -> None:
    system = built(config=replace(CONFIG, rate=0.1, decay=0.5))
    rates = []
    for epoch in (0, 9, 10, 19, 20):
        system.begin_epoch(epoch, 30)
        rates.append({group["lr"] for o in system.optimisers.values() for group in o.param_groups})
    assert rates == [{0.1}, {0.1}, {0.05}, {0.05}, {0.025}]


def test_batches_correspond_as_the_settings_say() -> None:
    assert built(config=replace(CONFIG, by_instance=False)).batching == Aligned(8, by_class=True)
    assert built(config=replace(CONFIG, by_instance=True)).batching == Aligned(8, by_class=False)


def test_items_are_placed_at_their_mean_without_noise() -> None:
    system, given = built().eval(), batch(2)
    found = system.embed("texts", given.inputs["texts"])
    assert list(found) == ["shared", OWN]
    torch.testing.assert_close(found["shared"], system.encoders[1](standardised(2)[1])[0])
    assert found["shared"].shape == (6, CONFIG.latent) and found[OWN].shape == (6, CONFIG.narrow)
    assert torch.equal(found["shared"], system.embed("texts", given.inputs["texts"])["shared"])


def test_training_lowers_the_loss_and_brings_classes_together() -> None:
    system = built(config=replace(CONFIG, rate=0.01))
    first = system.step(batch(2))["loss"]
    for _ in range(100):
        last = system.step(batch(2))["loss"]
    assert last < first / 2
    x, y = (system.embed(m, batch(2).inputs[m])["shared"] for m in ("images", "texts"))
    same = batch(2).labels["images"][:, None] == batch(2).labels["texts"][None]
    cosine = torch.nn.functional.normalize(x) @ torch.nn.functional.normalize(y).T
    assert cosine[same].mean() > cosine[~same].mean() + 0.4


def test_a_system_of_shapes_alone_takes_the_weights_of_a_trained_one() -> None:
    system = built(3)
    system.step(batch(3))
    shaped = lcale.build(CONFIG, Facts.from_json(facts(3).to_json()))
    shaped.load_state_dict(system.state_dict())
    for m, x in batch(3).inputs.items():
        assert torch.equal(shaped.embed(m, x)["shared"], system.embed(m, x)["shared"])
