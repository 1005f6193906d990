"""The bundled data is whole, within its budget, credited, and made by what it says made it."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from xview.arrays import Floats
from xview.data.folder import read
from xview.data.protocol import Protocol, select
from xview.data.records import Dataset, draw_unseen
from xview.jobs.train import embedded
from xview.models.registry import SYSTEMS
from xview.models.systems import cca
from xview.session.resolve import resolve
from xview.session.state import ViewState
from xview.session.workspace import open_workspace
from xview.spaces.encode import encode_outside
from xview.spaces.library import open_data, single_modal, unseen_classes
from xview.spaces.provenance import of_run
from xview.spaces.reduction import load_reduction
from xview.spaces.space import EmbeddingSpace, load_space, unit_rows
from xview.training import checkpoint
from xview.training.pictures import decoded

RESOURCES = Path(__file__).parents[2] / "resources"
SETS = ("digits", "emoji")
LEARNED, BASELINE = "shared", "shared (cca)"


@pytest.fixture(scope="module", params=SETS)
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return read(RESOURCES / "data" / request.param)


@pytest.fixture(scope="module")
def emoji() -> Dataset:
    return read(RESOURCES / "data" / "emoji")


def test_everything_together_is_at_most_20_mb() -> None:
    assert sum(f.stat().st_size for f in RESOURCES.rglob("*") if f.is_file()) <= 20_000_000


def test_every_package_a_script_fetches_is_credited() -> None:
    credits = (RESOURCES / "CREDITS.md").read_text(encoding="utf-8")
    scripts = "".join(p.read_text(encoding="utf-8") for p in (RESOURCES / "build").glob("*.py"))
    packages = re.findall(r'npm_package\("([^"]+)@([\d.]+)"', scripts)
    assert len(packages) >= 8
    for name, version in packages:
        assert f"`{name}` {version}" in credits
    fonts = re.search(r"FONTS = \((.*?)\)\.split\(\)", scripts, re.DOTALL)
    assert fonts is not None
    families = "".join(re.findall(r'"([^"]*)"', fonts[1])).split()
    assert len(families) >= 20
    for family in families:
        assert f"(`{family}`)" in credits


def test_every_folder_of_pictures_is_credited() -> None:
    credits = (RESOURCES / "CREDITS.md").read_text(encoding="utf-8")
    for modality in ("images", "sketches"):
        with zipfile.ZipFile(RESOURCES / "data" / "emoji" / f"{modality}.zip") as archive:
            for artist in {name.split("/")[0] for name in archive.namelist()}:
                assert f"`{modality}.zip`, `{artist}/`" in credits


def test_emoji_is_what_its_description_says(emoji: Dataset) -> None:
    assert {m: len(c) for m, c in emoji.collections.items()} == {
        "sketches": 3084,
        "images": 3084,
        "texts": 1028,
    }
    assert len(emoji.classes) == 56
    for name, artists in (
        ("images", {"fluent", "noto", "twemoji"}),
        ("sketches", {"fluent", "noto", "openmoji"}),
    ):
        collection = emoji.collection(name)
        assert set(collection.group_names) == artists
        assert collection.instances is not None
        np.testing.assert_array_equal(np.bincount(collection.instances), 3)
    concepts = np.bincount(emoji.collection("texts").labels)
    assert concepts.min() >= 8
    row = emoji.collection("images").row_of["noto/1f993"]
    assert emoji.collection("images").titles[row] == "zebra"
    assert emoji.classes[emoji.collection("images").labels[row]] == "animal mammal"


def test_the_splits_are_the_drawn_ones(emoji: Dataset) -> None:
    texts = emoji.collection("texts")
    assert texts.seen is not None
    unseen = {emoji.classes[label] for label in texts.labels[~texts.seen]}
    assert unseen == set(draw_unseen(emoji.classes, 14, 0))
    digits = read(RESOURCES / "data" / "digits")
    for collection in digits.collections.values():
        assert len(collection) == 4000
        assert collection.seen is not None
        held = {digits.classes[label] for label in collection.labels[~collection.seen]}
        assert held == {"7", "8", "9"}
        np.testing.assert_array_equal(np.bincount(collection.labels), 400)


def test_every_item_has_what_a_person_sees(dataset: Dataset) -> None:
    for collection in dataset.collections.values():
        for row in range(0, len(collection), 97):
            seen = (
                collection.payloads.text(row)
                if collection.kind == "text"
                else collection.payloads.picture(row)
            )
            assert seen


def test_tables_and_archives_agree(dataset: Dataset) -> None:
    folder = Path(dataset.source)
    for archive in folder.glob("*.zip"):
        with archive.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            paths = [row["path"] for row in csv.DictReader(file)]
        with zipfile.ZipFile(archive) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == paths


def test_every_space_is_complete_and_has_its_map(dataset: Dataset) -> None:
    assert {*dataset.collections, LEARNED, BASELINE} <= set(dataset.spaces)
    for name in dataset.spaces:
        space = load_space(dataset, name)
        for modality in space.modalities:
            assert np.isfinite(space.unit(modality)).all()
        layout = np.load(dataset.spaces[name].maps["umap"], allow_pickle=False).astype(np.float64)
        assert layout.shape == (len(space), 2)
        assert np.isfinite(layout).all()
        assert layout.std(axis=0).min() > 0.5


def test_components_were_fitted_on_seen_items_only(dataset: Dataset) -> None:
    """Principal components centre what they were fitted on, and nothing else."""
    for name, collection in dataset.collections.items():
        vectors = load_space(dataset, name).parts[name].astype(np.float64)
        assert collection.seen is not None
        size = np.sqrt((vectors**2).sum(axis=1).mean())
        assert np.linalg.norm(vectors[collection.seen].mean(axis=0)) < 0.001 * size
        assert np.linalg.norm(vectors[~collection.seen].mean(axis=0)) > 0.05 * size


def test_the_shared_space_on_screen_at_first_start_is_a_learned_one(dataset: Dataset) -> None:
    workspace = open_workspace(dataset.source)
    chosen = resolve(ViewState(), workspace).spaces
    assert chosen is not None
    assert chosen.shared == LEARNED
    made_by = workspace.spaces[LEARNED].made_by
    assert made_by["system"] in SYSTEMS
    assert (RESOURCES.parent / str(made_by["command"]).split()[1]).is_file()  # what made it is beside it
    assert not any(of_run(space) for space in workspace.spaces.values())


def test_the_learned_spaces_are_what_the_shipped_weights_make_of_seen_classes_only(dataset: Dataset) -> None:
    opened = open_data(dataset.source)
    space = opened.spaces[LEARNED]
    path = Path(dataset.source) / "vectors" / str(space.made_by["checkpoint"])
    system, header = checkpoint.load(path)
    assert set(header.origin.unseen) == unseen_classes(dataset)
    assert header.origin.data == dataset.fingerprint
    learned = [s for s in opened.spaces.values() if s.made_by.get("checkpoint") == path.name]
    own = single_modal(opened.spaces)
    for modality, told in header.origin.features.items():
        shape = tuple(header.origin.facts["inputs"][modality])
        if told == "pictures":
            payloads = dataset.collection(modality).payloads
            first = [decoded(payloads.picture(row) or b"", shape, modality) for row in range(40)]
            items = np.stack(first)
        else:
            assert own[modality].fingerprint == told
            items = own[modality].unit(modality)[:40]
        found = embedded(system, modality, items, torch.device("cpu"))
        for made in learned:
            if modality in made.parts:
                whole = unit_rows(found[str(made.made_by["output"])], modality)
                axes = made.made_by.get("axes")
                kept = load_reduction(path.parent / str(axes)).apply(whole) if axes else whole
                stored = made.unit(modality)[:40]
                np.testing.assert_allclose(stored, unit_rows(kept, modality), atol=2e-3)
                np.testing.assert_allclose(stored @ stored.T, whole @ whole.T, atol=0.02)


def test_a_picture_from_outside_finds_its_place_in_the_learned_space(dataset: Dataset) -> None:
    space = open_data(dataset.source).spaces[LEARNED]
    modality = next(m for m, c in dataset.collections.items() if c.kind == "image")
    picture = dataset.collection(modality).payloads.picture(123)
    assert picture is not None
    placed = encode_outside(space, modality, picture)
    nearness = space.unit(modality) @ (placed / np.linalg.norm(placed))
    assert nearness[123] > 0.999
    assert nearness[123] > nearness.max() - 1e-3


def test_the_baseline_is_cca_fitted_on_seen_items(dataset: Dataset) -> None:
    shared = load_space(dataset, BASELINE)
    assert {key: shared.made_by[key] for key in cca.DEFAULT.to_mapping()} == cca.DEFAULT.to_mapping()
    features, seen = {}, {}
    for name, collection in dataset.collections.items():
        assert collection.seen is not None
        features[name], seen[name] = load_space(dataset, name).parts[name].astype(np.float32), collection.seen
    instances = {m: c.instances[seen[m]] for m, c in dataset.collections.items() if c.instances is not None}
    fitted = cca.fit(
        {m: v[seen[m]] for m, v in features.items()},
        {m: c.labels[seen[m]] for m, c in dataset.collections.items()},
        instances or None,
    )
    gram = {m: unit(fitted.apply(m, v[::50])) for m, v in features.items()}
    stored = {m: shared.unit(m)[::50] for m in features}
    first, *others = gram
    for other in others:  # an axis may be turned round; similarities may not change
        np.testing.assert_allclose(gram[first] @ gram[other].T, stored[first] @ stored[other].T, atol=0.01)


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize(
    ("name", "query", "gallery", "floor"),
    [
        ("emoji", "sketches", "images", 0.37),
        ("emoji", "images", "sketches", 0.37),
        ("emoji", "texts", "images", 0.43),
        ("emoji", "images", "texts", 0.47),
        ("digits", "handwriting", "rendered", 0.60),
        ("digits", "rendered", "handwriting", 0.60),
    ],
)
def test_unseen_classes_are_found_across_modalities(
    name: str, query: str, gallery: str, floor: float
) -> None:
    """Mean average precision of nearest neighbours, by a plain loop."""
    data = read(RESOURCES / "data" / name)
    assert mean_average_precision(data, load_space(data, BASELINE), query, gallery) > floor


def mean_average_precision(data: Dataset, space: EmbeddingSpace, query: str, gallery: str) -> float:
    task = select(data, Protocol(query=query, gallery=gallery))
    scores = space.unit(query)[task.query_rows] @ space.unit(gallery)[task.gallery_rows].T
    precisions = []
    for i in range(0, len(scores), 5):
        kept = ~task.ignored(i)
        relevant = task.relevant(i)[kept][np.argsort(-scores[i][kept], kind="stable")]
        places = np.flatnonzero(relevant) + 1
        precisions.append(np.mean(np.arange(1, len(places) + 1) / places))
    return float(np.mean(precisions))
