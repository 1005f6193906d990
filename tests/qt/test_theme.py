import subprocess
import sys
from dataclasses import asdict

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from xview.qt import icons, theme
from xview.qt.palette import contrast
from xview.qt.theme import DARK, LIGHT, Scheme


@pytest.fixture
def dressed(qapp):
    yield lambda scheme: theme.apply(qapp, scheme)
    theme.apply(qapp, Scheme.LIGHT)


@pytest.mark.parametrize(("scheme", "worn"), [(Scheme.LIGHT, LIGHT), (Scheme.DARK, DARK)])
def test_the_theme_asked_for_is_the_theme_worn(qtbot, dressed, scheme, worn):
    assert dressed(scheme) is worn
    assert theme.current() is worn
    label = QLabel("words")
    qtbot.addWidget(label)
    label.show()
    assert label.palette().windowText().color() == QColor(worn.text)
    assert label.grab().toImage().pixelColor(0, 0) == QColor(worn.window)


@pytest.mark.parametrize("worn", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read(worn):
    """WCAG AA asks 4.5 of small text."""
    for ground in (worn.window, worn.panel, worn.raised):
        for words in (worn.text, worn.muted, worn.good, worn.bad):
            assert contrast(words, ground) >= 4.5, (words, ground)
    assert contrast(worn.on_accent, worn.accent) >= 4.5
    assert contrast(worn.accent, worn.panel) >= 4.5


def test_both_themes_name_every_colour_alike():
    assert asdict(LIGHT).keys() == asdict(DARK).keys()
    colours = [value for worn in (LIGHT, DARK) for value in asdict(worn).values() if isinstance(value, str)]
    assert all(QColor(colour).isValid() for colour in colours)


@pytest.mark.parametrize("name", sorted(icons._PATHS))
def test_every_icon_draws_something_within_its_box(qapp, name):
    image = icons.icon(name).pixmap(24, 24).toImage()
    inked = [(x, y) for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() > 60]
    assert len(inked) > 15
    assert all(0 < x < 23 and 0 < y < 23 for x, y in inked), "cut off at the edge"


def test_dressing_loads_no_plotting_library():
    """The first paint waits for what these import."""
    code = (
        "import sys, xview.qt.theme, xview.qt.icons, xview.qt.palette, xview.qt.maps.view;"
        "print([m for m in ('pyqtgraph', 'numba', 'torch', 'umap', 'matplotlib', 'scipy', 'qtawesome')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
