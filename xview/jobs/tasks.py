"""Where data, systems and metrics meet: the work that workers do for window and command line.

Every task takes plain JSON and leaves files in its run folder. All name the data by `data` (what
`open_dataset` takes) and `unseen` (classes held out instead of the data's own split, or null).
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xview.arrays import AnyArray
from xview.errors import DataError, MissingExtraError, SpaceError
from xview.jobs.folder import write_text
from xview.jobs.reporter import Reporter
from xview.spaces.library import OpenData, open_data
from xview.spaces.space import EmbeddingSpace

_HERE = "xview.jobs.tasks"
WARM_UPS = {
    f"{_HERE}:project": f"{_HERE}:warm_maps",
    f"{_HERE}:encode": f"{_HERE}:warm_encoders",
    f"{_HERE}:encode_outside": f"{_HERE}:warm_encoders",
}
"""What a standby worker does before its first task, for a `WorkerPool`."""


def project(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Draw a space as a map.

    Config: data, unseen, `space`, `method` and `settings` of `xview.spaces.projection`.
    Leaves `map.safetensors` with `map`, (items of the space, 2) float32.
    """
    from xview.spaces.projection import method_settings, project_space

    settings = method_settings(config["method"], config.get("settings") or {})
    space = _space(_open(config), config["space"])
    return _save(run_dir / "map.safetensors", {"map": project_space(space, settings, reporter.step)})


def project_unwarmed(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """As `project`, on a worker that has not loaded umap first: for the methods that do without."""
    return project(config, run_dir, reporter)


def encode(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Turn a modality's pictures or texts into vectors.

    Config: data, unseen, `modality`, `encoder` by name.
    Leaves `vectors.safetensors` with `vectors`, (items, d) float32.
    """
    from xview.spaces.encode import encode_collection

    collection = _open(config).dataset.collection(config["modality"])
    vectors = encode_collection(collection, config["encoder"], reporter.step)
    return _save(run_dir / "vectors.safetensors", {"vectors": vectors})


def encode_outside(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Place a picture or text that is no item of the data in spaces.

    Config: data, unseen, `modality` it counts as, `spaces` by name, and `picture` (a file) or `text`.
    Leaves `vectors.safetensors` with one (d,) float32 vector by name of space.
    """
    from xview.spaces.encode import encode_outside as place

    payload = config["text"] if "text" in config else _read_picture(Path(config["picture"]))
    opened = _open(config)
    placed = {}
    for done, name in enumerate(config["spaces"]):
        reporter.step(done, len(config["spaces"]), f"encoding for {name}")
        placed[name] = place(_space(opened, name), config["modality"], payload)
    return _save(run_dir / "vectors.safetensors", placed)


def evaluate(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Judge rankers on every query.

    Config: data, unseen, `requests` as `xview.metrics.table.Request` writes them, and `splits`, a number of
    class splits to draw again, or 0 for the data's own.
    Leaves `rows.json`, a list of rows with their curves, and by query, under the row's number, over splits
    one after another: `ap.safetensors` with average precisions, float64, and `first_hit.safetensors` with
    ranks of the first match, int64.
    """
    from xview.metrics.table import Request, fill, fill_over_splits

    requests = [Request.from_json(values) for values in config["requests"]]
    if splits := config.get("splits", 0):
        rows = fill_over_splits(config["data"], requests, splits, reporter.step)
    else:
        rows = fill(_open(config), requests, reporter.step)
    for name in ("ap", "first_hit"):
        each = {str(i): np.concatenate([getattr(e, name) for e in r.evaluations]) for i, r in enumerate(rows)}
        _save(run_dir / f"{name}.safetensors", each)
    write_text(run_dir / "rows.json", json.dumps([row.to_json() | row.curves() for row in rows]))
    return "rows.json"


def prepare(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> None:
    """Do what a ranker's answers would otherwise wait for, and keep it in the cache.

    Config: data, unseen, `request` as `xview.metrics.table.Request` writes it.
    """
    from xview.metrics.table import Request, field_of
    from xview.retrieval.registry import build

    request = Request.from_json(config["request"])
    _, graphs = field_of(_open(config), request)
    ranker = build(request.ranker, graphs.field, request.settings, graphs)
    ranker.prepare(lambda share: reporter.step(round(1000 * share), 1000))


def warm_maps() -> None:
    """Load umap and let it compile on a few points."""
    from xview.spaces.projection import UmapSettings, project

    project(np.random.default_rng(0).normal(size=(50, 8)), UmapSettings())


def warm_encoders() -> None:
    """Load the encoders that work offline and encode a little with each; those not installed are left out."""
    from PIL import Image

    from xview.models import encoders
    from xview.spaces.encode import encode_outside as place

    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    for name, payload in ((encoders.IMAGE_DEFAULT, picture.getvalue()), (encoders.TEXT_DEFAULT, "warm")):
        width = encoders.find(name).dimension or 1
        space = EmbeddingSpace(name="", parts={"": np.ones((1, width))}, made_by={"encoder": name})
        with contextlib.suppress(MissingExtraError):
            place(space, "", payload)


def _open(config: Mapping[str, Any]) -> OpenData:
    return open_data(config["data"], config.get("unseen"))


def _space(opened: OpenData, name: str) -> EmbeddingSpace:
    if name not in opened.spaces:
        known = ", ".join(opened.spaces) or "none"
        told = f"; {opened.problems[0]}" if opened.problems else ""
        raise SpaceError(f"{opened.dataset.name}: no space {name!r} (known: {known}){told}")
    return opened.spaces[name]


def _read_picture(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}; choose another picture") from None


def _save(path: Path, arrays: Mapping[str, AnyArray]) -> str:
    """Write a safetensors file, whole or not at all; its name is returned."""
    from safetensors.numpy import save_file

    part = path.with_name(f".{path.name}.part")
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part)
    part.replace(path)
    return path.name
