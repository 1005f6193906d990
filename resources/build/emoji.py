"""Draw the Emoji data set: images, sketches and texts of the same concepts by different artists.

    python resources/build/emoji.py WORK

fetches the packages named in resources/CREDITS.md into the folder WORK with `npm pack` and writes the
pictures and item tables of resources/data/emoji. `python resources/build/spaces.py emoji` then makes its
spaces. Needs npm and `pip install fonttools pillow resvg-py==0.5.0`.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import resvg_py
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont
from sources import DATA, drawn, npm_package, painted, write_table, write_zip

OUT = DATA / "emoji"
SIDE = 96  # pixels of a picture
DRAWN = 4 * SIDE  # pixels it is drawn at before it is scaled down
FEWEST = 8  # concepts a class needs
# Signs rather than things: their pictures are the letters and arrows themselves.
LEFT_OUT = {"symbols", "flags", "component"}

Artist = Callable[
    [str], Image.Image | None
]  # code point in hex -> RGBA picture on nothing, None if not drawn


@dataclass(frozen=True)
class Concept:
    """One emoji of a single code point."""

    code: str  # hex, lower case
    title: str
    tags: tuple[str, ...]
    subgroup: str


def concepts(emojibase: Path) -> Iterator[Concept]:
    """Every candidate, in Unicode order."""
    names = json.loads((emojibase / "meta" / "groups.json").read_text(encoding="utf-8"))
    entries = json.loads((emojibase / "en" / "data.json").read_text(encoding="utf-8"))
    for entry in sorted(entries, key=lambda e: e.get("order", 1 << 30)):
        code = entry["hexcode"].lower().removesuffix("-fe0f")
        group = names["groups"].get(str(entry.get("group")), "component")
        if "-" in code or group in LEFT_OUT:
            continue
        yield Concept(code, entry["label"], tuple(entry["tags"]), names["subgroups"][str(entry["subgroup"])])


def svg_picture(svg: str) -> Image.Image:
    """Render a square SVG document on nothing."""
    return Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, width=DRAWN, skip_system_fonts=True)))


def iconify(package: Path) -> Artist:
    """An artist whose SVG bodies come in one JSON file; black where the icon takes the text's colour."""
    icons = json.loads((package / "icons.json").read_text(encoding="utf-8"))
    names = json.loads((package / "chars.json").read_text(encoding="utf-8"))
    names = {code.replace("-fe0f", ""): name for code, name in names.items()}

    def draw(code: str) -> Image.Image | None:
        name = names.get(code)
        if name not in icons["icons"]:
            return None
        icon = icons["icons"][name]
        width, height = icon.get("width", icons["width"]), icon.get("height", icons["height"])
        body = icon["body"].replace("currentColor", "#000")
        box = f'viewBox="{icon.get("left", 0)} {icon.get("top", 0)} {width} {height}"'
        size = f'width="{DRAWN}" height="{DRAWN}"'
        return svg_picture(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box}>{body}</svg>')

    return draw


def svg_files(folder: Path) -> Artist:
    """An artist with one SVG file a code point."""

    def draw(code: str) -> Image.Image | None:
        path = folder / f"{code.upper()}.svg"
        if not path.exists():
            path = folder / f"{code.upper()}-FE0F.svg"
        return svg_picture(path.read_text(encoding="utf-8")) if path.exists() else None

    return draw


def raster_files(folder: Path) -> Artist:
    """An artist with one WebP file a code point."""

    def draw(code: str) -> Image.Image | None:
        path = folder / f"{code}.webp"
        if not path.exists():
            path = folder / f"{code}-fe0f.webp"
        return Image.open(path).convert("RGBA") if path.exists() else None

    return draw


def font(files: list[Path]) -> Artist:
    """An artist who made a font, split over several files."""
    file_of = {f"{code:x}": path for path in files for code in TTFont(path).getBestCmap()}

    def draw(code: str) -> Image.Image | None:
        if code not in file_of:
            return None
        face = ImageFont.truetype(file_of[code], DRAWN * 3 // 4)
        left, top, right, bottom = face.getbbox(chr(int(code, 16)))
        canvas = Image.new("RGBA", (DRAWN, DRAWN))
        corner = ((DRAWN - left - right) / 2, (DRAWN - top - bottom) / 2)
        ImageDraw.Draw(canvas).text(corner, chr(int(code, 16)), fill="black", font=face)
        return canvas

    return draw


def on_white(picture: Image.Image) -> Image.Image:
    """The picture as a person sees it on paper, SIDE x SIDE RGB."""
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    return paper.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main(work: Path) -> None:
    """Fetch, choose the concepts every artist drew, and write pictures and tables."""
    artists = {
        "images": {
            "fluent-3d": raster_files(npm_package("@lobehub/fluent-emoji-3d@1.1.0", work) / "assets"),
            "noto": iconify(npm_package("@iconify-json/noto@1.2.9", work)),
            "twemoji": iconify(npm_package("@iconify-json/twemoji@1.2.5", work)),
        },
        "sketches": {
            "openmoji": svg_files(npm_package("openmoji@17.0.0", work) / "black" / "svg"),
            "noto-font": font(
                sorted(
                    (npm_package("@fontsource/noto-emoji@5.3.2", work) / "files").glob("*-400-normal.woff")
                )
            ),
            "fluent-line": iconify(npm_package("@iconify-json/fluent-emoji-high-contrast@1.2.6", work)),
        },
    }
    pictures_of: dict[str, dict[str, Image.Image]] = {}
    candidates = []
    for concept in concepts(npm_package("emojibase-data@17.0.0", work)):
        pictures = {f"{m}/{a}": draw(concept.code) for m, by in artists.items() for a, draw in by.items()}
        if all(pictures.values()):
            pictures_of[concept.code] = {
                key: on_white(picture) for key, picture in pictures.items() if picture
            }
            candidates.append(concept)
    sizes = Counter(concept.subgroup for concept in candidates)
    chosen = [concept for concept in candidates if sizes[concept.subgroup] >= FEWEST]
    print(len(chosen), "concepts in", sum(n >= FEWEST for n in sizes.values()), "classes")

    OUT.mkdir(parents=True, exist_ok=True)
    for modality, by in artists.items():
        pack = painted if modality == "images" else partial(drawn, greys=8)
        files, rows = {}, []
        for artist in by:
            for concept in chosen:
                name = f"{artist}/{concept.code}.webp"
                files[name] = pack(pictures_of[concept.code][f"{modality}/{artist}"])
                label = concept.subgroup.replace("-", " ")
                group = artist.split("-")[0]
                rows.append([f"{artist}/{concept.code}", concept.title, label, name, group, concept.code])
        write_zip(OUT / f"{modality}.zip", files)
        write_table(OUT / f"{modality}.csv", ["id", "title", "label", "path", "group", "instance"], rows)
    texts = [
        [c.code, c.title, c.subgroup.replace("-", " "), f"{c.title}: {', '.join(c.tags)}", c.code]
        for c in chosen
    ]
    write_table(OUT / "texts.csv", ["id", "title", "label", "text", "instance"], texts)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
