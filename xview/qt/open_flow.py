"""Data to choose from; opened in two steps: say what is there, then load it as the user decides."""

from __future__ import annotations

from pathlib import Path

from xview.data.bundled import bundled
from xview.data.made import MADE
from xview.data.open import open_dataset, recognise
from xview.qt.opening import SplitChoice
from xview.qt.panels.open_dialog import OpenChoice, OpenInfo, Split
from xview.qt.panels.parts import Choice
from xview.session.places import recent_sources


def known_data() -> list[Choice]:
    """Bundled data sets, then what was opened lately."""
    recent = [name for name in recent_sources() if name not in (*bundled(), *MADE)]
    return [
        *(Choice(name, name.capitalize(), "bundled") for name in bundled()),
        *(
            Choice(name, name.replace("cci", "CCI").replace("css", "CSS"), "made on first use")
            for name in MADE
        ),
        *(Choice(name, Path(name).name, name) for name in recent),
    ]


def look_into(path: Path) -> OpenInfo:
    """What the dialog says of a file or folder.

    Raises:
        XViewError: It cannot be read.
    """
    findings, dataset = recognise(path), open_dataset(path)
    modalities = tuple(dataset.collections)
    return OpenInfo(
        source=str(findings.path),
        layout=findings.layout,
        sentences=findings.sentences,
        modalities=modalities,
        query=modalities[0],
        gallery=modalities[min(1, len(modalities) - 1)],
        classes=len(dataset.classes),
        has_split=dataset.has_split,
    )


def split_of(choice: OpenChoice) -> SplitChoice:
    """The user's decision as the opener reads it."""
    shares = {Split.GIVEN: None, Split.NONE: 0.0, Split.SHARE: choice.share}
    return SplitChoice(share=shares[choice.split], seed=choice.seed)
