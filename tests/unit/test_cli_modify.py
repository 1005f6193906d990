"""`xview modify` end to end: a tiny composition trained here, a picture modified, all test pairs judged."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.unit.worlds import TINY, live_at, taught
from xview.cli import main
from xview.data.open import open_dataset
from xview.jobs.learning import compose_all
from xview.jobs.modify import compose
from xview.jobs.reporter import Reporter
from xview.models.words import tokens
from xview.spaces.composed import composer
from xview.spaces.library import open_data
from xview.spaces.provenance import checkpoint_of, modifies
from xview.training.pictures import read_pictures


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A world of 111 scenes, and the runs of it that these tests leave."""
    place = tmp_path_factory.mktemp("modify")
    taught(place, epochs=2)
    return place


@pytest.fixture
def data(made, monkeypatch):
    live_at(made, monkeypatch)
    torch.set_num_threads(1)
    return made / "data"


def said(capsys, *arguments):
    capsys.readouterr()
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def by_hand(data, pictures, texts):
    """Composed vectors, from pixels and tokens, and the space they are in."""
    opened = open_data(data)
    space = next(s for s in opened.spaces.values() if modifies(s, s.modalities[0]))
    pixels = read_pictures(opened.dataset.collection("images"), (3, 16, 16), data.parent / "pictures.npy")
    system, known = composer(Path(checkpoint_of(space)))
    return compose_all(system, pixels[pictures], tokens(texts, known, 14), torch.device("cpu")), space


def test_a_modified_picture_is_ranked_without_itself(data, capsys):
    found = said(capsys, "modify", data, "--picture", "3", "--text", "remove the small thing", "--top", "110")
    (vector,), space = by_hand(data, [3], ["remove the small thing"])
    assert found["source"]["id"] == "3" and found["source_removed"]
    assert set(found["told"]) == {"gate", "residual"} and 0 < found["told"]["gate"] < 1
    assert found["unknown_words"] == ["thing"]
    ids = [one["id"] for one in found["results"]]
    assert len(ids) == 110 and "3" not in ids
    scores = space.unit("images") @ vector
    assert [one["score"] for one in found["results"]] == pytest.approx(
        np.sort(np.delete(scores, 3))[::-1], abs=1e-4
    )


def test_a_modified_picture_in_words(data, capsys):
    assert main(["modify", str(data), "--picture", "3", "--text", "make the hat blue", "--top", "2"]) == 0
    told = capsys.readouterr()
    assert "gate" in told.out and "residual" in told.out and "left out" in told.out
    assert "not in the words it has learnt: hat" in told.err


def test_test_pairs_are_judged_by_the_rank_of_their_target(data, capsys):
    found = said(capsys, "modify", data, "--test", "--run", "tirg-1")
    pairs = open_dataset(data).modifications
    test = np.flatnonzero(~pairs.seen)
    assert found["pairs"] == len(test) == 100
    composed, space = by_hand(data, pairs.sources[test], [str(text) for text in pairs.instructions[test]])
    ranks = []
    for vector, source, target in zip(composed, pairs.sources[test], pairs.targets[test], strict=True):
        scores = space.unit("images") @ vector
        better = [row for row in range(111) if row not in (source, target) and scores[row] >= scores[target]]
        ranks.append(1 + len(better))
    for k in (1, 5, 10, 50):
        assert found["measures"][f"R@{k}"] == pytest.approx(sum(rank <= k for rank in ranks) / 100, abs=0.021)
    assert found["measures"]["mAP"] == pytest.approx(np.mean([1 / rank for rank in ranks]), abs=1e-2)


def test_the_newest_run_answers_unless_another_is_named(data, tmp_path, monkeypatch, capsys):
    for name in ("tirg-1", "tirg-2"):
        shutil.copytree(data.parent / "runs" / "tirg-1", tmp_path / name)
        os.utime(tmp_path / name / "spaces" / "spaces.json", (int(name[-1]) * 1000,) * 2)
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path))
    ask = ("modify", data, "--picture", "3", "--text", "remove the small thing")
    newest, named = said(capsys, *ask)["space"], said(capsys, *ask, "--run", "tirg-1")["space"]
    assert "tirg-2" in newest and "tirg-2" not in named


def test_a_worker_leaves_vector_and_what_it_says(data, tmp_path):
    (vector,), space = by_hand(data, [5], ["make the large cube red"])
    config = {"data": str(data), "unseen": None, "space": space.name, "picture": "5"}
    compose(config | {"text": "make the large cube red"}, tmp_path, Reporter(lambda _: None))
    np.testing.assert_allclose(load_file(tmp_path / "vectors.safetensors")[space.name], vector, atol=1e-5)
    told = json.loads((tmp_path / "told.json").read_text())
    assert set(told) == {"told", "unknown"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--picture", "3", "--text", "xyzzy plugh"], "none of these words was learnt"),
        (["--picture", "nobody", "--text", "make it red"], "no item 'nobody'"),
        (["--picture", "3", "--text", "make it red", "--run", "other"], "no space 'other'"),
        (["--picture", "3"], "--text"),
    ],
)
def test_what_cannot_be_asked_is_told(data, capsys, arguments, message):
    assert main(["modify", str(data), *arguments]) != 0
    assert message in capsys.readouterr().err


def test_without_a_composition_a_remedy_is_named(data, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path))
    assert main(["modify", str(data), "--picture", "3", "--text", "make it red"]) != 0
    assert "--system tirg" in capsys.readouterr().err


def test_a_way_leads_on_from_a_modified_picture(data, capsys):
    words = "remove the small thing"
    found = said(capsys, "modify", data, "--picture", "3", "--text", words, "--top", "4")
    way = said(capsys, "path", data, "--from", "3", "--but", words, "--top", "4", "--threshold", "1.5")
    assert (way["from"]["id"], way["from"]["but"], way["space"]) == ("3", words, found["space"])
    assert [one["id"] for one in way["euclidean"]] == [one["id"] for one in found["results"]]
    assert way["differences"] is None and way["graph"]["others"] == 110
    first = way["steps"][0]["length"]
    assert first > 0 and way["length"] == pytest.approx(sum(step["length"] for step in way["steps"]))


def test_what_a_composition_learns_from_is_not_chosen(data, capsys):
    for given in (["--modality", "images"], ["--features", "images=pixels"]):
        assert main(["train", str(data), "--system", "tirg", *given]) == 2
        told = capsys.readouterr().err
        assert "[modifications]" in told and "leave --modality and --features away" in told


def test_without_captions_plain_compositions_are_learnt(data, capsys, tmp_path, monkeypatch):
    """The default, in Joint, says what it lacks before a run is made."""
    silent = tmp_path / "silent"
    shutil.copytree(data, silent)
    texts = (silent / "texts.csv").read_text().splitlines()
    (silent / "texts.csv").write_text("\n".join([texts[0], *texts[2:]]) + "\n")
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path / "runs"))
    train = ["train", str(silent), "--system", "tirg", *(part for v in TINY for part in ("--set", v))]
    assert main(train) == 2
    assert "images '0' has no caption" in capsys.readouterr().err and not (tmp_path / "runs").exists()
    assert main([*train, "--set", "in_joint=false", "--set", "epochs=1"]) == 0


def test_pairs_with_instructions_are_told_of(data, capsys):
    pairs = {"modality": "images", "pairs": 110, "learn from": 10, "test on": 100}
    assert said(capsys, "info", data)["modifications"] == pairs
    assert main(["info", str(data)]) == 0
    told = capsys.readouterr().out
    assert "110 pairs of images with instructions, 10 to learn from, 100 to test on" in told
    assert said(capsys, "info", "digits")["modifications"] is None
