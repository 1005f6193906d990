"""Small fields with overlapping classes, seen through noisy linear maps."""

from typing import Any

import numpy as np

from xview.retrieval.base import Field
from xview.spaces.space import unit_rows


def make_field(m=50, n=70, seed=0, **changes: Any) -> Field:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(6, 8))

    def items(count):
        return centres[rng.integers(0, 6, count)] + 0.7 * rng.normal(size=(count, 8))

    x, y = items(m), items(n)

    def seen(latent, width, noise):
        mixed = latent @ rng.normal(size=(8, width)) + noise * rng.normal(size=(len(latent), width))
        return unit_rows(mixed, "made up")

    shared = rng.normal(size=(8, 12))
    parts: dict[str, Any] = {
        "x_shared": unit_rows(x @ shared + 2 * rng.normal(size=(m, 12)), "made up"),
        "y_shared": unit_rows(y @ shared + 2 * rng.normal(size=(n, 12)), "made up"),
        "x_own": seen(x, 10, 0.5),
        "y_own": seen(y, 9, 0.5),
    }
    return Field(**{**parts, **changes})


def one_modality(m=40, seed=3) -> Field:
    """Every item asks for the others; the gallery leaves the first three out and is turned around."""
    base = make_field(m=m, seed=seed)
    order = np.arange(m)[:2:-1].copy()
    return Field(
        x_shared=base.x_shared,
        y_shared=base.x_shared[order],
        x_own=base.x_own,
        y_own=base.x_own[order],
        x_row_of_y=order,
    )
