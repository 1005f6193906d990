"""Fetch and unpack the packages the bundled data is made of."""

from __future__ import annotations

import csv
import io
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

DATA = Path(__file__).resolve().parents[1] / "data"


def npm_package(spec: str, work: Path) -> Path:
    """Folder of an npm package such as `openmoji@17.0.0`, fetched into `work` once."""
    folder = work / spec.replace("/", "-").replace("@", "-").strip("-")
    if not folder.exists():
        work.mkdir(parents=True, exist_ok=True)
        told = subprocess.run(
            ["npm", "pack", "--silent", spec], cwd=work, check=True, capture_output=True, text=True
        )
        with tarfile.open(work / told.stdout.split()[-1]) as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


def painted(picture: Image.Image) -> bytes:
    """A WebP file of a picture with many colours."""
    return _webp(picture, quality=70)


def drawn(picture: Image.Image, greys: int) -> bytes:
    """A WebP file of line art: so many shades of grey, kept exactly."""
    steps = [round(round(value / 255 * (greys - 1)) * 255 / (greys - 1)) for value in range(256)]
    return _webp(picture.convert("L").point(steps).convert("RGB"), lossless=True, quality=100)


def _webp(picture: Image.Image, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", method=6, **options)
    return buffer.getvalue()


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """A zip that is equal, byte for byte, for equal files. Pictures are compressed already, so it stores."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A CSV file with unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
