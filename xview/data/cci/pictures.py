"""Drawing of scenes: shaded solids on a ground, seen from slightly above, with a camera that shakes."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from xview.arrays import Doubles
from xview.data.cci.scenes import COLOURS, MATERIALS, SHAPES, SIZES, Scene, Thing

_RGB = {
    "gray": (128, 128, 128),
    "red": (190, 45, 45),
    "blue": (45, 75, 205),
    "green": (35, 120, 40),
    "brown": (130, 75, 30),
    "purple": (135, 45, 190),
    "cyan": (45, 200, 205),
    "yellow": (235, 220, 50),
}
_ROWS = ((0.34, 0.80), (0.61, 0.92), (0.89, 1.05))  # height of each row's ground, and size of things there
_COLUMNS = ((0.22, 0.5, 0.78), (0.19, 0.5, 0.81), (0.16, 0.5, 0.84))
_DIAMETER = {"small": 0.13, "large": 0.215}  # of the picture's side
_FINE = 4  # sprites are drawn this much larger and scaled down
_ZOOMS = 5


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a picture is taken from: shift in shares of the side, and zoom."""

    right: float
    down: float
    zoom: float


class Box(NamedTuple):
    """A part of a picture, in shares of its side."""

    left: float
    top: float
    width: float
    height: float


def shaken(seed: int, number: int) -> Camera:
    """The camera of picture `number`: up to 3 % of the side off, 6 % nearer or farther."""
    draw = np.random.default_rng((seed, number))
    right, down = draw.uniform(-0.03, 0.03, 2)
    return Camera(float(right), float(down), 0.94 + 0.03 * int(draw.integers(_ZOOMS)))


def draw(scene: Scene, camera: Camera, side: int) -> Image.Image:
    """A scene as an RGB picture of `side` x `side` pixels, things at the back first."""
    picture = _ground(side).copy()
    for thing in sorted(scene, key=lambda thing: (thing.place // 3, thing.place)):
        sprite, corner = _stood(thing, camera, side)
        picture.paste(sprite, corner, sprite)
    return picture


def box(thing: Thing, camera: Camera, side: int) -> Box:
    """Where a thing shows in a picture that `draw` made, its shadow included, whatever stands before it."""
    sprite, (x, y) = _stood(thing, camera, side)
    left, top, right, bottom = sprite.getbbox() or (0, 0, 0, 0)
    left, right = (min(max(edge + x, 0), side) for edge in (left, right))
    top, bottom = (min(max(edge + y, 0), side) for edge in (top, bottom))
    return Box(left / side, top / side, (right - left) / side, (bottom - top) / side)


def _stood(thing: Thing, camera: Camera, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """A thing's sprite and the pixel its upper left corner comes to."""
    row, column = divmod(thing.place, 3)
    height, nearness = _ROWS[row]
    size = _DIAMETER[SIZES[thing.size]] * nearness * camera.zoom * side
    sprite = _sprite(thing.shape, thing.colour, thing.material, max(4, round(size)))
    x = (0.5 + (_COLUMNS[row][column] - 0.5) * camera.zoom + camera.right) * side
    y = (0.5 + (height - 0.5) * camera.zoom + camera.down) * side
    return sprite, (round(x - sprite.width / 2), round(y - sprite.height * 0.78))


@lru_cache(maxsize=8)
def _ground(side: int) -> Image.Image:
    """A floor that darkens towards the back and the corners."""
    y, x = np.mgrid[0:side, 0:side] / side
    light = 0.72 + 0.16 * y - 0.12 * (np.square(x - 0.5) + np.square(y - 0.6))
    return Image.fromarray((255 * light[..., None] * np.array([1.0, 0.99, 0.97])).astype(np.uint8))


@lru_cache(maxsize=4096)
def _sprite(shape: int, colour: int, material: int, size: int) -> Image.Image:
    """A solid of `size` pixels with its shadow, RGBA."""
    fine = size * _FINE
    shine = MATERIALS[material] == "metal"
    canvas = Image.new("RGBA", (round(fine * 1.5), round(fine * 1.5)))
    centre, bottom = canvas.width / 2, canvas.height * 0.78
    left, right = centre - 0.50 * fine, centre + 0.62 * fine
    ImageDraw.Draw(canvas).ellipse((left, bottom - 0.16 * fine, right, bottom + 0.17 * fine), (0, 0, 0, 70))
    solid = {"cube": _cube, "sphere": _sphere, "cylinder": _cylinder}[SHAPES[shape]]
    body = solid(fine, np.array(_RGB[COLOURS[colour]], float), shine)
    canvas.alpha_composite(body, (round(centre - body.width / 2), round(bottom - body.height + 0.1 * fine)))
    return canvas.resize((canvas.width // _FINE, canvas.height // _FINE), Image.Resampling.BOX)


def _sphere(fine: int, rgb: Doubles, shine: bool) -> Image.Image:
    y, x = (np.mgrid[0:fine, 0:fine] + 0.5) / fine * 2 - 1
    inside = x**2 + y**2 <= 1
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    return _image(rgb, _lit(x, y, z), _gleam(x, y, z, shine), inside, shine)


def _cylinder(fine: int, rgb: Doubles, shine: bool) -> Image.Image:
    y, x = (np.mgrid[0:fine, 0:fine] + 0.5) / fine * 2 - 1
    x = x / 0.86
    cap = 0.26 * np.sqrt(np.clip(1 - x**2, 0, 1))
    body = (np.abs(x) <= 1) & (y >= -0.72) & (y <= 0.70 + cap)
    top = (np.abs(x) <= 1) & (np.abs(y + 0.72) <= cap)
    z = np.sqrt(np.clip(1 - x**2, 0, 1))
    light = np.where(top, 1.08, _lit(x, np.zeros_like(x), z))
    gleam = np.where(top, 0.0, _gleam(x, -0.35 * np.ones_like(x), z, shine))
    return _image(rgb, light, gleam, body | top, shine)


def _cube(fine: int, rgb: Doubles, shine: bool) -> Image.Image:
    """Front, top and right face of a cube turned a little."""
    y, x = (np.mgrid[0:fine, 0:fine] + 0.5) / fine
    depth_x, depth_y = 0.24, 0.20
    front = (x >= 0.02) & (x <= 0.98 - depth_x) & (y >= 0.02 + depth_y) & (y <= 0.98)
    slant = (x - (0.98 - depth_x)) / depth_x
    right = (slant >= 0) & (slant <= 1) & (y >= 0.02 + depth_y * (1 - slant)) & (y <= 0.98 - depth_y * slant)
    rise = (0.02 + depth_y - y) / depth_y
    top = (rise >= 0) & (rise <= 1) & (x >= 0.02 + depth_x * rise) & (x <= 0.98 - depth_x * (1 - rise))
    light = np.where(top, 1.12, np.where(right, 0.58, 0.86))
    gleam = np.where(front & shine, 0.5 * np.clip(1 - 5 * np.abs(x + y - 0.95), 0, 1), 0.0)
    return _image(rgb, light, gleam, front | right | top, shine)


def _lit(x: Doubles, y: Doubles, z: Doubles) -> Doubles:
    """Light from the upper left front on a surface with this normal."""
    return np.asarray(0.38 + 0.75 * np.clip(-0.45 * x - 0.62 * y + 0.64 * z, 0, 1))


def _gleam(x: Doubles, y: Doubles, z: Doubles, shine: bool) -> Doubles:
    """Mirrored light: sharp on metal, none on rubber."""
    mirrored = np.clip(-0.32 * x - 0.5 * y + 0.8 * z, 0, 1)
    return np.asarray(0.95 * mirrored**24 if shine else np.zeros_like(mirrored))


def _image(rgb: Doubles, light: Doubles, gleam: Doubles, inside: Doubles, shine: bool) -> Image.Image:
    if shine:  # metal is darker where it does not gleam, and a little more saturated
        hue, lightness, saturation = colorsys.rgb_to_hls(*(rgb / 255))
        rgb = 255 * np.array(colorsys.hls_to_rgb(hue, lightness, min(1.0, saturation * 1.15)))
        light = light**1.5
    colour = np.clip(rgb * light[..., None] + 255 * gleam[..., None], 0, 255)
    return Image.fromarray(np.dstack([colour, 255 * inside]).astype(np.uint8), "RGBA")
