"""`xview distortion`: its tables hold the library's figures, its JSON is strict, its mistakes are told."""

import json

import pytest

from tests.unit.metrics.problems import write_folder
from tests.unit.metrics.test_distortion import PROTOCOL, SPACES
from xview.cli import main
from xview.metrics.distortion import DistortionRequest
from xview.metrics.measure_distortion import measure
from xview.spaces.library import open_data


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("cli") / "data", shared={"system": "trained"}, each=12)


def cells(line):
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_tables_hold_the_figures(source, capsys):
    arguments = ["--classes", "all", "--k", "5", "--ks", "3,8", "--top", "2"]
    assert main(["distortion", str(source), *arguments]) == 0
    out = capsys.readouterr().out
    found = measure(
        open_data(source),
        DistortionRequest(space="shared", protocol=PROTOCOL, spaces=SPACES, ks=(3, 8), k=5),
    )
    c = found.comparisons[0]
    near = c.neighbourhoods
    lines = out.splitlines()
    first = cells(next(line for line in lines if line.startswith("sketches   sketches only")))
    expected = [f"{near.mean(name)[0]:.3f}" for name in ("trustworthiness", "continuity")]
    assert first[:6] == ["sketches", "sketches only", "96", "3", *expected]
    assert "Fragmentation of sketches, sketches only -> shared, k = 5: 2 of 8 classes" in out
    a, b = c.reference_fragments.largest, c.measured_fragments.largest
    mean = next(line for line in lines if line.startswith("mean of all classes"))
    assert f"{a:.3f} -> {b:.3f}" in mean
    torn = next(line for line in lines if "torn edges" in line)
    assert cells(torn) == [
        "sketches", "torn edges", f"{c.torn.total}", f"{c.torn.pairs}", f"{c.torn.share:.3f}",
        f"{c.torn.chance:.3f}",
    ]  # fmt: skip
    assert f"Gap between sketches and photos: {found.gap.distance:.3f}" in out
    assert f"{found.failures[1].correlation.rho:+.3f}" in out
    for word in ("Venna", "Chen & Buja", "mutual k-NN graph", "Radovanovic", "Liang", "Bonett"):
        assert word in out  # every measure's definition stands below


def test_json_is_strict_and_of_the_direction_asked_for(source, capsys, tmp_path):
    path = tmp_path / "found.json"
    asked = ["--query", "photos", "--gallery", "photos", "--space", "shared", "--sample", "10"]
    assert main(["distortion", str(source), *asked, "--json", str(path)]) == 0
    told = json.loads(path.read_text("utf-8"), parse_constant=lambda word: pytest.fail(word))
    assert [c["modality"] for c in told["comparisons"]] == ["photos"]
    assert told["comparisons"][0]["items_measured"] == 10 and told["gap"] is None
    captured = capsys.readouterr()
    assert "10 of 24 items were measured" in captured.err and "Neighbourhoods" in captured.out
    assert main(["distortion", str(source), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["request"]["protocol"]["query_classes"] == "unseen"


def test_references_and_spaces_choose_their_modalities(source, capsys):
    def modalities(*arguments):
        assert main(["distortion", str(source), *arguments, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        return [(c["modality"], c["reference"], c["measured"]) for c in told["comparisons"]]

    assert modalities("--against", "photos only") == [("photos", "photos only", "shared")]
    assert modalities("--space", "photos only", "--map", "pca") == [
        ("photos", "photos only", "photos only as pca")
    ]
    assert [c[0] for c in modalities("--space", "shared")] == ["sketches", "photos"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--space", "sharde"], "did you mean 'shared'"),
        (["--against", "sketches onyl"], "did you mean 'sketches only'"),
        (["--map", "umpa"], "did you mean 'umap'"),
        (["--ks", "5,0"], "must be a whole number from 1, got '0'"),
        (["--k", "x"], "must be a whole number from 1"),
        (["--query", "texts"], "no modality 'texts'"),
        (["--json", "/nowhere/at/all.json"], "cannot be written"),
    ],
)
def test_mistakes_are_told_in_one_line(source, capsys, arguments, told):
    assert main(["distortion", str(source), *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
