"""Resources that come with xview, in a source checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

import xview
from xview.data.manifest import FILE_NAME
from xview.errors import DataError


def resources() -> Path:
    """The resources folder: `xview/_resources` of a wheel, or `resources` beside the package.

    Raises:
        DataError: Neither is there; the installation is broken.
    """
    package = Path(xview.__file__).resolve().parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    raise DataError(f"{package}: the resources that belong to xview are missing; install it again")


def bundled() -> dict[str, Path]:
    """Folders of the data sets that come with xview, by name."""
    data = resources() / "data"
    return {path.parent.name: path.parent for path in sorted(data.glob(f"*/{FILE_NAME}"))}
