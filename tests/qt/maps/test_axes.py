import pytest

from xview.qt.maps.axes import tick_step, ticks


@pytest.mark.parametrize(
    ("scale", "step"),
    [(70, 1), (69, 2), (35, 2), (34, 5), (14, 5), (13.9, 10), (0.7, 100), (7e5, 1e-4), (1, 100)],
)
def test_ticks_stand_at_round_numbers(scale, step):
    assert tick_step(scale) == pytest.approx(step)


@pytest.mark.parametrize("scale", [1e-6, 0.3, 1, 17.3, 999, 1e7])
def test_ticks_are_neither_crowded_nor_lonely(scale):
    assert 70 * (1 - 1e-6) <= tick_step(scale) * scale <= 70 * 2.5 * (1 + 1e-6)


def test_ticks_lie_within_the_view():
    assert ticks(-1.2, 2.1, 0.5) == [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
