"""Convolutional backbones from pixels to (b, width) features; the end is an adaptive average pool.

The residual ones follow He et al., Deep Residual Learning for Image Recognition (CVPR 2016), with the stride
of a bottleneck on its 3 x 3 layer; they have torchvision's names, but for the classifier they lack.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from xview.models.layers import BatchNorm, uniform


class Small(nn.Sequential):
    """Stages of 3 x 3 convolution, batch norm, ReLU and 2 x 2 max pool; maps double from stage to stage.

    Pictures of 28 or 32 pixels get three stages, of 96 five. The end pools over a `grid` of so many cells a
    side: 1 forgets where in the picture things were. Where not `pooled`, the last map comes out as it is.

    Attributes:
        channels: Of the last map.
        cells: Of the last map, before it is pooled.
        width: Of what comes out pooled.
    """

    def __init__(self, shape: Sequence[int], maps: int, grid: int = 1, *, pooled: bool = True) -> None:
        stages = max(2, round(math.log2(min(shape[1:]) / 4)))
        layers: list[nn.Module] = []
        inner = shape[0]
        for stage in range(stages):
            outer = maps << stage
            layers += [conv(inner, outer, 3), BatchNorm(outer), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
            inner = outer
        super().__init__(*layers, *[nn.AdaptiveAvgPool2d(grid), nn.Flatten()] * pooled)
        self.channels, self.width = inner, inner * grid**2
        self.cells = (shape[1] >> stages) * (shape[2] >> stages)


class EachCell(nn.Module):
    """A linear layer for each cell of a map: what it gives may be pooled and still tells where things are."""

    def __init__(self, cells: int, inner: int, outer: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(cells, inner, outer) / math.sqrt(inner))
        self.bias = nn.Parameter(torch.zeros(outer))

    def forward(self, maps: Tensor) -> Tensor:
        """(b, inner, h, w) -> (b, h w, outer), row by row."""
        found: Tensor = torch.einsum("bic,cio->bco", maps.flatten(2), self.weight) + self.bias
        return found


def conv(inner: int, outer: int, side: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size up to its stride; batch norm follows, so it has no bias."""
    layer = nn.Conv2d(inner, outer, side, stride, side // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class _Basic(nn.Module):
    """Two 3 x 3 convolutions, added to their input."""

    expansion = 1

    def __init__(self, inner: int, maps: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inner, maps, 3, stride), BatchNorm(maps)
        self.conv2, self.bn2 = conv(maps, maps, 3), BatchNorm(maps)
        self.downsample = _shortcut(inner, maps, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + self.downsample(x))


class _Bottleneck(nn.Module):
    """1 x 1 down, 3 x 3, 1 x 1 up, added to their input."""

    expansion = 4

    def __init__(self, inner: int, maps: int, stride: int) -> None:
        super().__init__()
        outer = maps * self.expansion
        self.conv1, self.bn1 = conv(inner, maps, 1), BatchNorm(maps)
        self.conv2, self.bn2 = conv(maps, maps, 3, stride), BatchNorm(maps)
        self.conv3, self.bn3 = conv(maps, outer, 1), BatchNorm(outer)
        self.downsample = _shortcut(inner, outer, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        y = functional.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return functional.relu(y + self.downsample(x))


def _shortcut(inner: int, outer: int, stride: int) -> nn.Module:
    if stride == 1 and inner == outer:
        return nn.Identity()
    return nn.Sequential(conv(inner, outer, 1, stride), BatchNorm(outer))


class ResNet(nn.Module):
    """A residual network of four stages of blocks, without its classifier.

    Attributes:
        width: Of what comes out, and channels of the last map.
        pooled: Whether the last map is averaged; else it comes out as it is.
    """

    def __init__(
        self,
        block: type[_Basic] | type[_Bottleneck],
        repeats: Sequence[int],
        channels: int,
        pooled: bool = True,
    ) -> None:
        super().__init__()
        self.pooled = pooled
        self.conv1, self.bn1 = conv(channels, 64, 7, 2), BatchNorm(64)
        inner, stages = 64, []
        for number, count in enumerate(repeats):
            maps, blocks = 64 << number, []
            for position in range(count):
                blocks.append(block(inner, maps, 2 if number and not position else 1))
                inner = maps * block.expansion
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3, self.layer4 = stages
        self.width = inner

    def forward(self, x: Tensor) -> Tensor:
        """(b, channels, h, w) -> (b, width), or (b, width, ceil(h / 32), ceil(w / 32)) where not pooled."""
        x = functional.relu(self.bn1(self.conv1(x)))
        x = functional.max_pool2d(x, 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean(dim=(2, 3)) if self.pooled else x


def resnet18(channels: int, *, pooled: bool = True) -> ResNet:
    """512 features."""
    return ResNet(_Basic, (2, 2, 2, 2), channels, pooled)


def resnet50(channels: int, *, pooled: bool = True) -> ResNet:
    """2048 features."""
    return ResNet(_Bottleneck, (3, 4, 6, 3), channels, pooled)


def shifted(pictures: Tensor, share: float) -> Tensor:
    """(b, c, h, w), each moved by whole pixels at random, by a share of its side at most; edges repeat."""
    rows = _moved(pictures, pictures.shape[2], share)[:, :, None]
    columns = _moved(pictures, pictures.shape[3], share)[:, None, :]
    items = torch.arange(len(pictures), device=pictures.device)[:, None, None]
    return pictures.permute(0, 2, 3, 1)[items, rows, columns].permute(0, 3, 1, 2)


def _moved(pictures: Tensor, side: int, share: float) -> Tensor:
    """(b, side) where along a side each pixel comes from."""
    reach = round(share * side)
    by = (uniform(len(pictures), like=pictures) * (2 * reach + 1)).long() - reach
    return (torch.arange(side, device=pictures.device) + by[:, None]).clamp(0, side - 1)
