"""A route's stops: which of them say their numbers where there is little room."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from xview.qt.maps.camera import Camera
from xview.qt.maps.route import DISC, numbered_stops, paint_route
from xview.qt.maps.scene import Route, Stop
from xview.qt.theme import LIGHT


def route(count: int, current: int = -1) -> Route:
    return Route(tuple(Stop(at, at) for at in range(count)), current)


def test_with_room_every_stop_says_its_number() -> None:
    places = [QPointF(2 * DISC * at, 50.0) for at in range(20)]
    assert numbered_stops(route(20), places) == set(range(20))


def test_numbers_yield_to_the_one_looked_at_then_the_last_then_the_first() -> None:
    heap = [QPointF(100.0 + at, 100.0) for at in range(5)]
    assert numbered_stops(route(5), heap) == {4}
    assert numbered_stops(route(5, current=2), heap) == {2}
    apart = [QPointF(0.0, 0.0), *heap[1:4], QPointF(300.0, 0.0)]
    assert numbered_stops(route(5), apart) == {0, 1, 4}
    assert numbered_stops(route(5, current=3), apart) == {0, 3, 4}


def test_no_two_numbers_cover_each_other_in_any_crowd() -> None:
    random = np.random.default_rng(0)
    for size in (30.0, 150.0, 600.0):
        spots = random.uniform(0, size, (40, 2))
        kept = numbered_stops(route(40), [QPointF(x, y) for x, y in spots.tolist()])
        assert 39 in kept
        for one in kept:
            for other in kept - {one}:
                assert np.abs(spots[one] - spots[other]).max() >= 2 * DISC
        for dropped in set(range(40)) - kept:
            assert np.abs(spots[sorted(kept)] - spots[dropped]).max(axis=1).min() < 2 * DISC


def test_a_stop_without_a_number_is_still_a_dot_on_the_map() -> None:
    places = np.array([[-0.9, 0.0], [0.8, 0.0], [0.86, 0.0]])
    camera = Camera(0.0, 0.0, 150.0, 400, 150)
    image = QImage(400, 150, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_route(painter, route(3), places, camera, LIGHT, {})
    painter.end()
    found = camera.to_screen(places)
    assert numbered_stops(route(3), [QPointF(x, y) for x, y in found.tolist()]) == {0, 2}
    x, y = found[1].round().astype(int).tolist()
    assert image.pixelColor(x - 2, y).name() == LIGHT.accent
