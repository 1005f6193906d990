from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from xview.models.configs.cycle_match import TINY, Config, Variant
from xview.models.systems.cycle_match import LATENT, TEXTUAL, VISUAL, CycleMatch, build
from xview.models.trainable import Batch, Facts

V, T = "sketches", "images"
WIDTHS = {V: 6, T: 4}
CYCLE = {"dual", "rec", "latent"}
TERMS = {
    Variant.FULL: {f"{way} {term}" for way in ("i2t2i", "t2i2t") for term in CYCLE},
    Variant.WITHOUT_LATENT: {f"{way} {term}" for way in ("i2t2i", "t2i2t") for term in CYCLE - {"latent"}},
    Variant.DUAL_MATCH: {"i2t2i dual", "t2i2t dual"},
    Variant.LATENT_MATCH: {"latent"},
    Variant.I2T2I: {f"i2t2i {term}" for term in CYCLE},
    Variant.T2I2T: {f"t2i2t {term}" for term in CYCLE},
}
SPACES = {
    Variant.FULL: [VISUAL, TEXTUAL, LATENT],
    Variant.WITHOUT_LATENT: [VISUAL, TEXTUAL],
    Variant.DUAL_MATCH: [VISUAL, TEXTUAL],
    Variant.LATENT_MATCH: [LATENT],
    Variant.I2T2I: [VISUAL, TEXTUAL, LATENT],
    Variant.T2I2T: [VISUAL, TEXTUAL, LATENT],
}


def facts() -> Facts:
    return Facts(
        inputs={m: (d,) for m, d in WIDTHS.items()},
        classes=3,
        means={m: torch.full((d,), 0.2) for m, d in WIDTHS.items()},
        scales={m: torch.tensor(1.5) for m in WIDTHS},
    )


def batch(b: int = 8) -> Batch:
    generator = torch.Generator().manual_seed(0)
    common = torch.randn(b, 3, generator=generator)
    inputs = {m: common @ torch.randn(3, d, generator=generator) for m, d in WIDTHS.items()}
    return Batch(
        inputs, dict.fromkeys(WIDTHS, torch.arange(b) % 3), dict.fromkeys(WIDTHS, torch.arange(b) // 2)
    )


def made(**changes: object) -> CycleMatch:
    torch.manual_seed(0)
    return build(replace(TINY, dropout=0.0, **changes), facts())  # type: ignore[arg-type]


def rank_loss(embedded: Tensor, target: Tensor, ids: Tensor, config: Config) -> float:
    """Eq. 6.2, 6.4, 6.5 one triplet at a time, per anchor and negative."""
    s = torch.cosine_similarity(embedded[:, None], target[None], dim=2).tolist()
    total, b = 0.0, len(ids)
    for i in range(b):
        others = [j for j in range(b) if ids[j] != ids[i]]
        targets = sorted(others, key=lambda j: -s[i][j])[: config.negatives]
        sources = sorted(others, key=lambda j: -s[j][i])[: config.negatives]
        total += sum(max(0.0, config.margin - s[i][i] + s[i][j]) for j in targets)
        total += config.alpha * sum(max(0.0, config.margin - s[i][i] + s[j][i]) for j in sources)
    return total / (b * config.negatives)


def test_the_six_losses_are_those_of_the_equations() -> None:
    system = made().double()
    given = batch()
    x = {m: (inputs.double() - 0.2) / 1.5 for m, inputs in given.inputs.items()}
    with torch.no_grad():
        expected = {}
        for way, there, back, a, b in (
            ("i2t2i", system.i2t, system.t2i, V, T),
            ("t2i2t", system.t2i, system.i2t, T, V),
        ):
            dual = there(x[a])
            pairs = {"dual": (dual, x[b]), "rec": (back(dual), x[a])}
            pairs["latent"] = there.latent(x[a]), back.latent(dual)
            expected |= {
                f"{way} {n}": rank_loss(*pair, given.instances[V], system.config) for n, pair in pairs.items()
            }
    doubled = {m: inputs.double() for m, inputs in given.inputs.items()}
    terms = {name: float(v) for name, v in system.step(replace(given, inputs=doubled)).items()}
    assert terms == pytest.approx({**expected, "loss": sum(expected.values())}, rel=1e-5)


@pytest.mark.parametrize("variant", list(Variant))
def test_a_variant_trains_its_losses_and_gives_the_spaces_it_trained(variant: Variant) -> None:
    system = made(variant=variant)
    before = {name: value.clone() for name, value in system.named_parameters()}
    terms = system.step(batch())
    assert set(terms) == TERMS[variant] | {"loss"}
    losses = [float(system.step(batch())["loss"]) for _ in range(40)]
    assert losses[-1] < 0.7 * float(terms["loss"])
    for name, value in system.named_parameters():
        assert not torch.equal(value, before[name]), name
    system.eval()
    found = [system.embed(m, batch().inputs[m]) for m in (V, T)]
    assert [list(spaces) for spaces in found] == [SPACES[variant]] * 2
    assert all(found[0][name].shape == found[1][name].shape for name in SPACES[variant])


def test_the_scores_are_those_of_equation_6_7() -> None:
    system = made().eval()
    raw = batch().inputs
    v, t = ((raw[m] - 0.2) / 1.5 for m in (V, T))
    with torch.no_grad():
        of_v, of_t = system.embed(V, raw[V]), system.embed(T, raw[T])
        torch.testing.assert_close(of_v[VISUAL], v)
        torch.testing.assert_close(of_t[VISUAL], system.t2i(t))
        torch.testing.assert_close(of_v[TEXTUAL], system.i2t(v))
        torch.testing.assert_close(of_t[TEXTUAL], t)
        torch.testing.assert_close(of_v[LATENT], system.i2t.latent(v))
        torch.testing.assert_close(of_t[LATENT], system.t2i.latent(t))


def test_the_length_of_a_translation_does_not_matter() -> None:
    system = made().eval()
    x = torch.randn(5, 6, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(system.i2t(3.7 * x), system.i2t(x))


def test_the_learning_rate_falls_when_the_loss_does_not() -> None:
    system = made(patience=0)
    rates = []
    for loss in (2.0, 1.0, 1.0, 0.5):
        system.end_epoch({"loss": loss})
        rates.append(system.optimisers["translations"].param_groups[0]["lr"])
    np.testing.assert_allclose(np.array(rates) / TINY.learning_rate, [1, 1, 0.1, 0.1])
