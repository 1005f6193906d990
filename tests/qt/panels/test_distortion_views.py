"""What the views of a distortion count and say, against loops and known cases."""

from __future__ import annotations

import numpy as np
import pytest

from xview.metrics.distortion import Comparison
from xview.metrics.edges import Edges
from xview.metrics.failure import Correlation, correlate
from xview.metrics.tearing import Fragmentation
from xview.qt.panels.distortion_door import LISTED, door
from xview.qt.panels.distortion_failure import correlation_in_words
from xview.qt.panels.distortion_hubs import occurrence_bins
from xview.qt.panels.distortion_tearing import class_counts, class_ends, piece_numbers
from xview.qt.panels.distortion_view import share

LABELS = np.array([0, 0, 1, 1, 2, -1])


def edges(*ends: tuple[int, int]) -> Edges:
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    nothing = np.full(len(LABELS), np.nan)
    count = len(pairs)
    return Edges(
        ends=pairs,
        strength=np.ones(count),
        total=count,
        pairs=count,
        share=1.0,
        error=0.0,
        chance=0.5,
        of_items=nothing,
    )


def test_an_edge_counts_once_for_each_class_it_touches() -> None:
    found = class_counts(edges((0, 1), (0, 2), (3, 5), (4, 5)), LABELS)
    assert found.tolist() == [2, 2, 1]
    assert class_counts(edges(), LABELS).tolist() == [0, 0, 0]


def test_the_ends_of_a_class_are_those_of_edges_that_touch_it() -> None:
    class Both:
        torn, bridged, labels = edges((0, 2), (3, 4)), edges((1, 5)), LABELS

    both: Comparison = Both()  # type: ignore[assignment]
    assert class_ends(both, 0).tolist() == [0, 1, 2, 5]
    assert class_ends(both, 2).tolist() == [3, 4]


def test_pieces_are_numbered_from_the_largest_and_those_alone_share_a_number() -> None:
    parts = np.array([0, 1, 0, 2, 3, 1, 0])
    fragments = Fragmentation(k=3, classes=(), parts=parts)
    pieces, alone = piece_numbers(fragments, np.arange(7))
    assert pieces.tolist() == [1, 2, 1, 3, 3, 2, 1] and alone == 3
    pieces, alone = piece_numbers(fragments, np.array([0, 2, 6]))
    assert pieces.tolist() == [1, 1, 1] and alone not in pieces


@pytest.mark.parametrize("most", [0, 1, 31, 32, 63, 64, 1000])
def test_bins_hold_every_count_once(most: int) -> None:
    bins = occurrence_bins(most)
    counted, _ = np.histogram(np.arange(most + 1), bins)
    assert counted.sum() == most + 1
    assert len(counted) <= 32
    assert bins[0] == 0 and bins[-1] > most
    assert len(set(np.diff(bins).tolist())) == 1


def test_a_correlation_is_said_with_its_direction_strength_and_interval() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=400)
    labels = rng.integers(0, 3, 400)
    down = correlation_in_words(correlate(x, -x + 2 * rng.normal(size=400), labels))
    assert "fail more, moderately" in down and "rho −." in down and "400 queries" in down
    assert "fail less, strongly" in correlation_in_words(correlate(x, x + 0.1 * rng.normal(size=400), labels))
    assert "No dependence shown" in correlation_in_words(correlate(x, rng.normal(size=400), labels))
    nothing = Correlation(rho=np.nan, low=np.nan, high=np.nan, within=np.nan, n=2)
    assert "too few" in correlation_in_words(nothing)


def test_a_door_lists_the_worst_and_holds_all() -> None:
    values = np.random.default_rng(1).permutation(200).astype(float)
    rows = np.arange(200) * 3
    worst = door("t", "m", rows, values)
    assert [value for *_, value in worst.listed] == list(range(LISTED))
    assert all(values[row // 3] == value for _, row, value in worst.listed)
    assert worst.rows["m"].tolist() == rows.tolist()
    highest = door("t", "m", rows, values, lowest=False)
    assert [value for *_, value in highest.listed] == list(range(199, 199 - LISTED, -1))


def test_shares_are_told_without_their_zero() -> None:
    assert [share(value) for value in (0.5, 1.0, 0.0, -0.25, float("nan"))] == [
        ".50",
        "1.00",
        ".00",
        "-.25",
        "–",
    ]
