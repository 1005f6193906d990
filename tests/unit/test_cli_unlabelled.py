"""Pictures with captions and nothing else known of them, as in paper 002, from files to figures."""

import itertools
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from xview.cli import main
from xview.data.open import open_dataset
from xview.data.protocol import Protocol, select
from xview.models.registry import find
from xview.spaces.library import open_data
from xview.spaces.provenance import of_run
from xview.training.availability import unavailable

COLOURS = ("red", "blue", "green", "yellow", "purple")
SHAPES = {"square": "rectangle", "circle": "ellipse"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty pictures, each with a caption of the same instance."""
    place = tmp_path_factory.mktemp("unlabelled")
    rows = ["id,path,text,instance"]
    things = itertools.product(SHAPES, COLOURS, ("small", "large"), ("white", "black"))
    for n, (shape, colour, size, ground) in enumerate(things):
        picture, half = Image.new("RGB", (64, 64), ground), 10 if size == "small" else 24
        box = (32 - half, 32 - half, 32 + half, 32 + half)
        getattr(ImageDraw.Draw(picture), SHAPES[shape])(box, fill=colour)
        picture.save(place / f"{n}.png")
        rows.append(f"{n},{n}.png,a {size} {colour} {shape} on {ground},thing {n}")
    (place / "items.csv").write_text("\n".join(rows) + "\n")
    modalities = "".join(
        f'[modalities.{m}]\nkind = "{kind}"\nitems = "items.csv"\n'
        for m, kind in (("pictures", "image"), ("captions", "text"))
    )
    (place / "dataset.toml").write_text(f"{modalities}[split]\nshare = 0.25\n")
    return place


@pytest.fixture
def data(folder, monkeypatch):
    """The folder, encoded by the first test that asks for it."""
    monkeypatch.setenv("XVIEW_CACHE", str(folder.parent / "cache"))
    monkeypatch.setenv("XVIEW_RUNS", str(folder.parent / "runs"))
    for modality in ("pictures", "captions"):
        assert main(["encode", str(folder), "--modality", modality]) == 0
    return str(folder)


def said(capsys, *arguments):
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_each_thing_is_a_class_and_a_share_of_them_is_held_out(data, capsys):
    told = said(capsys, "info", data)
    assert len(told["classes"]) == 40 and told["unseen_classes"] == 10
    assert [(m["classes"], m["unseen"], m["unlabelled"]) for m in told["modalities"]] == [(40, 10, 0)] * 2
    assert any("each thing" in note for note in told["notes"])
    assert "shared (cca)" in [space["name"] for space in told["spaces"]]


def test_captions_are_found_as_image_text_retrieval_is_judged(data, capsys):
    """One answer is right: average precision is its reciprocal rank, and rank-k is recall at k."""
    arguments = ("--gallery", "captions", "--classes", "unseen", "--ranker", "knn")
    (row,) = said(capsys, "evaluate", data, "--query", "pictures", *arguments)
    assert row["queries"] == 10 and row["queries_without_match"] == 0
    task = select(open_dataset(data), Protocol(query="pictures", gallery="captions"))
    ranks = []
    for query in task.queries.ids[task.query_rows]:
        asked = ("--query", str(query), "--modality", "pictures", *arguments)
        found = said(capsys, "search", data, *asked)["results"]
        ranks += [one["rank"] for one in found if one["id"] == query]
    ranks = np.array(ranks)
    assert row["measures"]["mAP"] == pytest.approx((1 / ranks).mean())
    assert row["measures"]["rank1"] == (ranks == 1).mean() and row["measures"]["rank5"] == (ranks <= 5).mean()
    assert row["measures"]["mAP"] > 0.5  # by chance 0.29


def test_text_teaches_image_learns_of_them(data):
    opened = open_data(data)
    assert unavailable(find("text_teaches_image"), opened.dataset, opened.spaces) is None
    tiny = ("dim=8", "epochs=1", "device=cpu")
    settings = [part for value in tiny for part in ("--set", value)]
    assert main(["train", data, "--system", "text_teaches_image", *settings]) == 0
    assert any(of_run(space) and space.shared for space in open_data(data).spaces.values())
