"""A survey in a real worker is the library's; it can be cancelled, and says what it lacks."""

import pytest

from tests.unit.jobs.test_runner import poll_until
from tests.unit.metrics.problems import write_folder
from tests.unit.worlds import write_joint
from xview.data.cci.worlds import world_of
from xview.data.protocol import Classes, Protocol
from xview.jobs.events import Cancelled, Failed, Succeeded
from xview.jobs.paths import read_found
from xview.jobs.runner import Job, wait
from xview.metrics.smooth_survey import survey
from xview.metrics.table import Request, field_of
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic import GeodesicRanker
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.spaces.library import open_data


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worlds") / "cci"
    write_joint(folder, rounds=3)
    return str(folder)


def asked(degree=6, gallery="images", shared="joint"):
    protocol = Protocol(
        query=gallery, gallery=gallery, query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    return Request(
        protocol=protocol,
        spaces=SpaceChoice(shared=shared),
        ranker="geodesic",
        settings=GeodesicSettings(degree=degree, align=False),
    )


def job(source, request, run_dir):
    return Job("xview.jobs.paths:smooth", {"data": source, "request": request.to_json()}, run_dir)


def test_a_worker_finds_what_the_library_finds(source, tmp_path):
    steps = []
    wanted = job(source, asked(), tmp_path / "run")
    assert wait(wanted, steps.append) == Succeeded("smooth.json")
    data = open_data(source)
    _, graphs = field_of(data, asked())
    ranker = GeodesicRanker(asked().settings, graphs)
    expected = survey(ranker.graph, ranker.vertices, world_of(data.dataset), 50)
    assert read_found(tmp_path / "run") == expected
    assert 0 < len(expected.longest) <= 50 < sum(expected.kind)
    assert (steps[-1].done, steps[-1].total) == (1000, 1000)


def test_a_cancelled_survey_ends_soon_and_leaves_nothing(source, tmp_path):
    running = job(source, asked(degree=100), tmp_path / "run")
    poll_until(running, lambda j: j.progress)
    running.cancel()
    assert poll_until(running, lambda j: j.outcome) < 2 and running.outcome == Cancelled()
    assert not (tmp_path / "run" / "smooth.json").exists()


def test_other_data_says_what_is_missing(tmp_path):
    source = str(write_folder(tmp_path / "data", shared={"system": "trained"}))
    outcome = wait(job(source, asked(gallery="photos", shared="shared"), tmp_path / "run"))
    assert isinstance(outcome, Failed) and "scene each picture shows" in outcome.message
    assert not outcome.traceback
