"""A distortion as files: items as CSV, means as JSON, the plot as a picture."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xview.data.records import Dataset
from xview.errors import DataError
from xview.metrics.distortion import FIGURES, Distortion

if TYPE_CHECKING:
    from xview.qt.panels.plots import Plot


def save(path: Path, result: Distortion, dataset: Dataset, plot: Plot) -> None:
    """Write what the name's end asks for, whole or not at all.

    Raises:
        DataError: The file cannot be written, or its name ends otherwise.
    """
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        if path.suffix == ".csv":
            part.write_text(as_csv(result, dataset), encoding="utf-8")
        elif path.suffix == ".json":
            part.write_text(json.dumps(_strict(result.to_json()), indent=2), encoding="utf-8")
        elif path.suffix not in (".png", ".svg"):
            raise DataError(f"{path.name}: an export ends in .csv, .json, .png or .svg")
        elif not plot.save(part):
            raise OSError("no picture was written")
        part.replace(path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def as_csv(result: Distortion, dataset: Dataset) -> str:
    """A line an item of every comparison, every digit kept; what was not measured stays empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["measured", "reference", "modality", "id", "class", "seen", *FIGURES])
    for c in result.comparisons:
        ids = dataset.collection(c.modality).ids
        for place, row in enumerate(c.rows):
            label = int(c.labels[place])
            seen = "" if c.seen is None else bool(c.seen[place])
            figures = [float(c.figures[name][place]) if name in c.figures else math.nan for name in FIGURES]
            told = ["" if math.isnan(value) else repr(value) for value in figures]
            named = result.classes[label] if label >= 0 else ""
            writer.writerow([c.measured, c.reference, c.modality, ids[row], named, seen, *told])
    return out.getvalue()


def _strict(value: Any) -> Any:
    """With null for NaN, which JSON does not know."""
    if isinstance(value, Mapping):
        return {key: _strict(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
