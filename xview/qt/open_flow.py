"""Open data in two steps: say what is there, then load it as the user decides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from xview.data.open import Findings, open_dataset, recognise
from xview.data.records import Dataset
from xview.qt.background import Latest
from xview.qt.opening import SplitChoice
from xview.qt.panels.open_dialog import OpenChoice, OpenInfo, Split


@dataclass(frozen=True, eq=False)
class Inspected:
    """What a path holds, and its items."""

    findings: Findings
    dataset: Dataset


class Inspector(QObject):
    """Looks into a path in the background."""

    found = Signal(object)  # OpenInfo
    failed = Signal(str)
    broke = Signal(object)
    busy = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest("inspecting", self)
        self._latest.done.connect(lambda inspected: self.found.emit(open_info(inspected)))
        self._latest.failed.connect(self.failed)
        self._latest.broke.connect(self.broke)
        self._latest.busy.connect(self.busy)

    def inspect(self, path: Path) -> None:
        """Look; `found` or `failed` tells."""
        self._latest.request(lambda: Inspected(recognise(path), open_dataset(path)))

    def close(self) -> None:
        """Stop the thread."""
        self._latest.close()


def open_info(inspected: Inspected) -> OpenInfo:
    """What the dialog says."""
    findings, dataset = inspected.findings, inspected.dataset
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
