"""Bilinear pooling: what two vectors have to say together, every entry of one with every entry of the other.

Compact: Gao, Beijbom, Zhang and Darrell, Compact Bilinear Pooling (CVPR 2016), by the count sketches of Pham
and Pagh (KDD 2013); algorithm 2 of Liu 2018, thesis, chapter 7, whose loop over 1..D is read as over 1..M.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

_TINY = 1e-12


def bilinear(f: Tensor, g: Tensor) -> Tensor:
    """Outer product of each pair of rows (Eq. 7.5): (b, m) and (b, n) -> (b, m n)."""
    return torch.einsum("bi,bj->bij", f, g).flatten(1)


def compact_bilinear(f: Tensor, g: Tensor, places: Tensor, signs: Tensor, dim: int) -> Tensor:
    """Count sketch of the outer product, as the circular convolution of both vectors' sketches.

    Args:
        f: (b, m).
        g: (b, m).
        places: (2, m) int64 from 0 to `dim` - 1, where each entry of f and of g goes.
        signs: (2, m), 1 or -1, what it is multiplied with.
        dim: D, the length of the sketch.

    Returns:
        (b, dim), float32 or float64: entry d sums s1[i] s2[j] f[i] g[j] over h1[i] + h2[j] = d modulo D.
    """
    wide = torch.promote_types(torch.promote_types(f.dtype, g.dtype), torch.float32)
    there, back = (
        torch.fft.rfft(x.new_zeros(len(x), dim).index_add(1, place, x * sign))
        for x, place, sign in zip((f.to(wide), g.to(wide)), places, signs.to(wide), strict=True)
    )
    pooled: Tensor = torch.fft.irfft(there * back, n=dim)
    return pooled


def signed_root(x: Tensor) -> Tensor:
    """sign(x) sqrt(|x|), then unit rows; a tiny constant keeps the slope at 0 finite."""
    return normalize(torch.sign(x) * torch.sqrt(x.abs() + _TINY))


class CompactBilinear(nn.Module):
    """`compact_bilinear` with hashes drawn once and kept in checkpoints."""

    places: Tensor
    signs: Tensor

    def __init__(self, width: int, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.register_buffer("places", torch.randint(dim, (2, width)))
        self.register_buffer("signs", torch.randint(2, (2, width)) * 2.0 - 1.0)

    def forward(self, f: Tensor, g: Tensor) -> Tensor:
        """(b, width) twice -> (b, dim)."""
        return compact_bilinear(f, g, self.places, self.signs, self.dim)
