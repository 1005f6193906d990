from __future__ import annotations

import numpy as np
import pytest
import torch

from xview.models.convolutional import Small, resnet18, resnet50, shifted


def test_the_residual_networks_have_the_published_numbers_of_parameters() -> None:
    """11,689,512 and 25,557,032 with their classifiers of 1000 classes (torchvision's tables)."""
    small, large = resnet18(3), resnet50(3)
    count = [sum(p.numel() for p in network.parameters()) for network in (small, large)]
    assert count == [11_689_512 - 513 * 1000, 25_557_032 - 2049 * 1000]
    assert (small.width, large.width) == (512, 2048)


def test_the_residual_networks_bear_torchvisions_names() -> None:
    assert {
        "conv1.weight",
        "bn1.running_var",
        "layer1.0.conv1.weight",
        "layer1.0.downsample.0.weight",
        "layer4.2.bn3.bias",
    } <= set(resnet50(3).state_dict())
    assert "layer1.0.downsample.0.weight" not in resnet18(3).state_dict()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_residual_network_gives_its_features(channels: int) -> None:
    network = resnet18(channels).eval()
    assert network(torch.rand(2, channels, 33, 40)).shape == (2, 512)


def test_a_residual_network_halves_the_picture_five_times() -> None:
    """Its features are means over ceil(side / 32) places: a picture's far corner reaches the last of them."""
    network = resnet18(1).eval()
    seen = []
    network.layer4.register_forward_hook(lambda _m, _i, out: seen.append(out.shape[2:]))
    network(torch.rand(1, 1, 288, 144))
    assert [tuple(shape) for shape in seen] == [(9, 5)]


@pytest.mark.parametrize(("side", "stages"), [(16, 2), (28, 3), (32, 3), (64, 4), (96, 5)])
def test_the_small_network_grows_with_the_picture(side: int, stages: int) -> None:
    network = Small((1, side, side), 4).eval()
    assert network.width == 4 * 2 ** (stages - 1)
    assert network(torch.rand(2, 1, side, side)).shape == (2, network.width)


def test_a_shift_is_a_crop_of_the_picture_with_its_edges_repeated() -> None:
    pictures = torch.arange(2 * 10 * 20, dtype=torch.float32).reshape(1, 2, 10, 20).repeat(200, 1, 1, 1)
    torch.manual_seed(0)
    moved = shifted(pictures, 0.1)
    padded = np.pad(pictures[0].numpy(), ((0, 0), (1, 1), (2, 2)), mode="edge")
    crops = {padded[:, i : i + 10, j : j + 20].tobytes() for i in range(3) for j in range(5)}
    assert {np.ascontiguousarray(picture).tobytes() for picture in moved.numpy()} == crops


def test_no_shift_is_none() -> None:
    pictures = torch.rand(3, 3, 8, 8)
    assert torch.equal(shifted(pictures, 0), pictures)
