"""The conformance arrays of the walk as a folder a user could have made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xview.arrays import AnyArray

ARRAYS = Path(__file__).parent / "conformance" / "bdrw_small4.npz"

_TOML = """\
name = {name}
[modalities.thermal]
labels = "thermal_labels.npy"
[modalities.visible]
labels = "visible_labels.npy"
[spaces.thermal-only]
thermal = "x_single.npy"
[spaces.visible-only]
visible = "y_single.npy"
[spaces.shared]
thermal = "x_cross.npy"
visible = "y_cross.npy"
"""


def conformance() -> dict[str, AnyArray]:
    """Inputs, parameters and reference results by name."""
    with np.load(ARRAYS) as stored:
        return dict(stored)


def write_folder(folder: Path, name: str = "conformance") -> Path:
    """Make the data set in `folder`: 60 thermal and 80 visible vectors, two own spaces and a shared one."""
    arrays = conformance()
    for file in ("x_single", "y_single", "x_cross", "y_cross"):
        np.save(folder / f"{file}.npy", arrays[file])
    np.save(folder / "thermal_labels.npy", arrays["x_labels"])
    np.save(folder / "visible_labels.npy", arrays["y_labels"])
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    (folder / "dataset.toml").write_text(_TOML.format(name=quoted), encoding="utf-8")
    return folder
