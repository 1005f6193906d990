"""Maps computed while the user changes their mind about the method."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.qt.data_sets import write_data
from tests.qt.screen import Screen, wait_until
from xview.session.workspace import MapKey


@pytest.fixture
def screen(qtbot: QtBot, tmp_path: Path) -> Iterator[Screen]:
    made = Screen(qtbot, warm_up=False)
    made.open(write_data(tmp_path / "pairs", {"photos": "image", "notes": "text"}, maps=False))
    yield made
    made.leave()


def titles(screen: Screen) -> set[str]:
    return {run.title for run in screen.laboratory.work.runs}


def test_another_method_takes_the_place_of_one_still_at_work(screen: Screen) -> None:
    lab = screen.laboratory
    wait_until(lambda: "UMAP of shared" in titles(screen), "maps of the first method")
    combo = lab.maps.strip.method
    combo.textActivated.emit("pca")
    assert lab.store.state.method == "pca"
    wait_until(lambda: MapKey("shared", "pca") in lab.store.workspace.maps, "the map of the other method")
    assert not any(key.method == "umap" for key in lab.store.workspace.maps)
    assert not any(title.startswith("UMAP") for title in titles(screen))
    assert len(lab.maps.views["shared"].canvas.points) == len(lab.maps.scenes["shared"])

    # not given up for good: chosen again, it is computed again
    combo.textActivated.emit("umap")
    assert "UMAP of shared" in titles(screen)
    status = lab.projections.status("shared")
    assert status is not None and status.running
