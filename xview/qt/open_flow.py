"""Open data in two steps: say what is there, then load it as the user decides."""

from __future__ import annotations

from pathlib import Path

from xview.data.open import open_dataset, recognise
from xview.qt.opening import SplitChoice
from xview.qt.panels.open_dialog import OpenChoice, OpenInfo, Split


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
