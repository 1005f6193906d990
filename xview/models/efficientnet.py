"""EfficientNet-Lite0: an ImageNet classifier small enough to run anywhere, used for its 1280 features.

Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019); the Lite
variant drops squeeze-and-excitation and uses ReLU6. Weights and padding follow the TensorFlow release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional

# (repeats, kernel, stride of the first, expansion, channels out), table 1 of the paper
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """Convolution padded as TensorFlow's SAME: output side = ceil(side / stride), odd padding goes last."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, h, w) -> (n, out, ceil(h / stride), ceil(w / stride))."""
        needed = []
        for side, kernel, stride in zip(
            x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True
        ):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            needed += [total // 2, total - total // 2]
        return super().forward(functional.pad(x, needed))


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> SameConv:
    return SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


class InvertedResidual(nn.Module):
    """Expand by 1x1, filter each channel, project by 1x1; added to its input where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expands = expansion > 1
        if self.expands:
            self.expand_conv, self.bn0 = _conv(inputs, wide, 1), _norm(wide)
        self.depthwise_conv, self.bn1 = _conv(wide, wide, kernel, stride, groups=wide), _norm(wide)
        self.project_conv, self.bn2 = _conv(wide, outputs, 1), _norm(outputs)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""
        y = functional.relu6(self.bn0(self.expand_conv(x))) if self.expands else x
        y = functional.relu6(self.bn1(self.depthwise_conv(y)))
        y = self.bn2(self.project_conv(y))
        summed: Tensor = x + y if self.adds else y
        return summed


class EfficientNetLite0(nn.Module):
    """The network with its classifier; attributes carry the names of the released state dict."""

    dimension = 1280

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = _conv(3, 32, 3, 2), _norm(32)
        blocks, channels = [], 32
        for repeats, kernel, stride, expansion, outputs in _STAGES:
            for i in range(repeats):
                blocks.append(InvertedResidual(channels, outputs, kernel, stride if i == 0 else 1, expansion))
                channels = outputs
        self.blocks = nn.Sequential(*blocks)
        self.conv_head, self.bn1 = _conv(channels, self.dimension, 1), _norm(self.dimension)
        self.fc = nn.Linear(self.dimension, 1000)

    def features(self, pixels: Tensor) -> Tensor:
        """(n, 3, h, w) RGB as (value - 127) / 128 of 8-bit values -> (n, 1280) global average pool."""
        x = functional.relu6(self.bn0(self.conv_stem(pixels)))
        x = functional.relu6(self.bn1(self.conv_head(self.blocks(x))))
        pooled: Tensor = x.mean(dim=(2, 3))
        return pooled

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, h, w) as for `features` -> (n, 1000) ImageNet logits."""
        logits: Tensor = self.fc(self.features(pixels))
        return logits


def build(state: Mapping[str, Tensor]) -> EfficientNetLite0:
    """The network with the released weights, in evaluation mode.

    Raises:
        RuntimeError: A tensor is missing, left over, or of another shape.
    """
    network = EfficientNetLite0()
    network.load_state_dict(
        {re.sub(r"(^|\.)_", r"\1", name): value for name, value in state.items()}, strict=True
    )
    return network.requires_grad_(False).eval()
