"""Eq. 1 of paper 002 against a slow loop, and its floor without a temperature."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from xview.models.configs.text_teaches_image import TINY, Config
from xview.models.losses.choice import choice
from xview.models.systems.text_teaches_image import build, picture_shape
from xview.models.trainable import Facts


def unit(*shape):
    return functional.normalize(torch.randn(*shape, dtype=torch.float64), dim=1)


def test_the_loss_is_the_slow_loop_without_other_texts_of_the_same_thing():
    torch.manual_seed(0)
    images, texts = unit(6, 4), unit(6, 4)
    things = torch.tensor([0, 1, 2, 1, 3, 4])
    total = 0.0
    for i in range(6):
        own = math.exp(3.0 * float(images[i] @ texts[i]))
        others = [
            math.exp(3.0 * float(images[i] @ texts[j])) for j in range(6) if things[j] != things[i] or j == i
        ]
        total -= math.log(own / sum(others))
    assert choice(images, texts, things, torch.tensor(3.0)).item() == pytest.approx(total / 6)


def test_without_a_scale_the_loss_stays_above_the_floor_the_errata_name():
    """The corners of a simplex, the furthest from one another that b vectors can be, each its own text."""
    b = 50
    corners = functional.normalize(torch.eye(b, dtype=torch.float64) - 1 / b, dim=1)
    found = choice(corners, corners, torch.arange(b), torch.tensor(1.0)).item()
    assert found == pytest.approx(math.log(1 + (b - 1) * math.exp(-1 - 1 / (b - 1))))
    assert found > math.log(1 + (b - 1) * math.exp(-2)) == pytest.approx(2.03, abs=0.01)


def test_spaces_lie_on_the_sphere_and_pictures_are_taken():
    config = Config(pixels=True, side=16, maps=4, hidden=8, dim=5)
    assert picture_shape(config) == (3, 16, 16)
    assert picture_shape(TINY) is None
    facts = Facts(
        inputs={"image": (3, 16, 16), "text": (7,)},
        classes=2,
        means={"text": torch.zeros(7)},
        scales={"text": torch.ones(())},
    )
    system = build(config, facts).eval()
    found = system.embed("image", torch.rand(3, 3, 16, 16)), system.embed("text", torch.rand(4, 7))
    for vectors, rows in zip(found, (3, 4), strict=True):
        assert vectors["shared"].shape == (rows, 5)
        assert np.allclose(vectors["shared"].norm(dim=1).detach(), 1, atol=1e-6)


def test_the_scale_is_learnt_only_where_asked():
    facts = Facts(
        inputs={"image": (6,), "text": (7,)},
        classes=2,
        means={"image": torch.zeros(6), "text": torch.zeros(7)},
        scales={"image": torch.ones(()), "text": torch.ones(())},
    )
    fixed = build(Config(hidden=8, dim=5, scale=1.0, learn_scale=False), facts)
    assert not fixed.log_scale.requires_grad
    assert fixed.log_scale.exp().item() == 1.0
    assert build(Config(hidden=8, dim=5), facts).log_scale.requires_grad
