"""`Sight`: where a map is looked at from, and how far one may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from xview.arrays import AnyArray
from xview.qt.maps.camera import Box, Camera, full_box, robust_box

_DEEPEST = 2000.0  # times the fitted scale


class Sight:
    """The camera with its home, the place that shows the map best.

    Args:
        shown: The (n, 2) positions to be seen.
    """

    def __init__(self, shown: Callable[[], AnyArray]) -> None:
        self.camera = Camera(0.0, 0.0, 1.0, 1.0, 1.0)
        self._shown = shown
        self._at_home = True
        self._home_scale = 1.0
        self._home_box: Box | None = None  # of the points as they are shown

    @property
    def zoom(self) -> float:
        """How many times larger than at home."""
        return self.camera.scale / self._home_scale

    def forget_home(self) -> None:
        """Other points are shown: home is elsewhere."""
        self._home_box = None

    def home(self, width: float, height: float) -> None:
        """Look at the shown points, in a box that outliers cannot squeeze."""
        if self._home_box is None:
            self._home_box = robust_box(self._shown())
        self.move(Camera.fit(self._home_box, width, height))
        self._at_home, self._home_scale = True, self.camera.scale

    def everything(self, width: float, height: float) -> None:
        """Look at every shown point, outliers too."""
        self.move(Camera.fit(full_box(self._shown()), width, height))

    def move(self, camera: Camera) -> None:
        """Look from elsewhere."""
        self.camera, self._at_home = camera, False

    def move_within_reason(self, camera: Camera) -> None:
        """Look at another part of the map, no smaller and no larger than makes sense."""
        scale = float(np.clip(camera.scale, self._home_scale / 20, self._home_scale * _DEEPEST))
        self.move(replace(camera, scale=scale))

    def resize(self, width: float, height: float) -> None:
        """Fit again where the whole map was shown, else keep middle and scale."""
        if self._at_home:
            self.home(width, height)
        else:
            self.move(self.camera.resized(width, height))
