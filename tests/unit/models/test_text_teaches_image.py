"""Eq. 1 of paper 002 against a slow loop, and its floor without a temperature."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from xview.models.configs.text_teaches_image import TINY, Config
from xview.models.convolutional import Small
from xview.models.losses.choice import choice
from xview.models.systems.text_teaches_image import build, picture_shape
from xview.models.trainable import Batch, Facts


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


FEATURES = Facts(
    inputs={"image": (6,), "text": (7,)},
    classes=2,
    means={"image": torch.full((6,), 0.5), "text": torch.full((7,), -0.5)},
    scales={"image": torch.tensor(2.0), "text": torch.tensor(3.0)},
)


def test_features_go_through_one_layer_for_images_and_two_for_texts_by_hand():
    """Section 3.1: f_img is a layer on the backbone's features, f_text two with ReLU, g one more and L2."""
    system = build(Config(hidden=8, dim=5), FEATURES).eval()
    for at, (name, layers) in enumerate({"image": 1, "text": 2}.items()):
        given = torch.rand(4, FEATURES.inputs[name][0])
        linear = [one for one in system.modules_[at].modules() if isinstance(one, nn.Linear)]
        assert len(linear) == layers
        x = ((given - FEATURES.means[name]) / FEATURES.scales[name]).numpy()
        for one in linear:
            x = np.maximum(x @ one.weight.detach().numpy().T + one.bias.detach().numpy(), 0)
        g = system.projections[at]
        x = x @ g.weight.detach().numpy().T + g.bias.detach().numpy()
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        np.testing.assert_allclose(system.embed(name, given)["shared"].detach(), x, atol=1e-5)


def batch(**inputs):
    numbers = dict.fromkeys(inputs, torch.arange(6))
    return Batch(inputs, numbers, numbers)


def test_a_step_goes_down_the_loss_in_which_the_same_thing_is_no_wrong_choice():
    system = build(Config(hidden=8, dim=5, dropout=0, scale=4.0), FEATURES)
    given = batch(image=torch.rand(6, 6), text=torch.rand(6, 7))
    given = replace(given, instances=dict.fromkeys(given.inputs, torch.tensor([0, 0, 1, 2, 3, 0])))
    images, texts = (system.embed(m, x)["shared"].detach() for m, x in given.inputs.items())
    wanted = choice(images, texts, given.instances["image"], torch.tensor(4.0)).item()
    assert system.step(given)["loss"].item() == pytest.approx(wanted)
    assert system.step(given)["loss"].item() < wanted


def test_a_scale_grows_no_further_than_a_hundred():
    system = build(Config(hidden=8, dim=5), FEATURES)
    with torch.no_grad():
        system.log_scale.fill_(9.0)
    told = system.step(batch(image=torch.rand(6, 6), text=torch.rand(6, 7)))
    assert told["scale"].item() == pytest.approx(100)


def test_learning_moves_pictures_about_and_keeps_where_in_them_things_are():
    facts = replace(FEATURES, inputs={"image": (3, 16, 16), "text": (7,)})
    given, losses = batch(image=torch.rand(6, 3, 16, 16), text=torch.rand(6, 7)), []
    for shift in (0.0, 0.0, 0.5):
        torch.manual_seed(0)
        config = Config(pixels=True, side=16, maps=4, hidden=8, dim=5, dropout=0, shift=shift)
        losses.append(build(config, facts).train().step(given)["loss"].item())
    assert losses[0] == losses[1] != losses[2]
    widths = [Small((3, 16, 16), 4, grid).width for grid in (1, 3)]
    (layer,) = (one for one in build(config, facts).modules_[0].modules() if isinstance(one, nn.Linear))
    assert layer.in_features == widths[1] == 9 * widths[0]


def test_the_scale_is_learnt_only_where_asked():
    fixed = build(Config(hidden=8, dim=5, scale=1.0, learn_scale=False), FEATURES)
    assert not fixed.log_scale.requires_grad
    assert fixed.log_scale.exp().item() == 1.0
    assert build(Config(hidden=8, dim=5), FEATURES).log_scale.requires_grad
