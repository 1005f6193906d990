"""What the user marked right and wrong, in a line above the results."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from xview.qt.panels.parameter_bar import ParameterBar
from xview.qt.panels.parts import ElidedLabel
from xview.qt.theme import SPACE
from xview.retrieval.feedback import FeedbackSettings
from xview.session.state import Feedback


class MarksBar(QWidget):
    """Counts, what marks weigh, and a way to take them all off; hidden while there are none."""

    cleared = Signal()
    settings_changed = Signal(dict)  # key -> value, of the changed ones

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Relevance feedback")
        self._words = ElidedLabel(role="muted")
        self.clear = QToolButton()
        self.clear.setText("Clear")
        self.clear.setProperty("role", "tool")
        self.clear.setAccessibleName("Clear marks")
        self.clear.setToolTip("Take all marks off")
        self.clear.clicked.connect(self.cleared)
        self.weights = ParameterBar(self)
        self.weights.more.setToolTip("What marks weigh")
        self.weights.show_parameters(FeedbackSettings.parameters(), primary=())
        self.weights.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.weights.settings_changed.connect(self.settings_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._words, 1)
        row.addWidget(self.weights)
        row.addWidget(self.clear)
        self.hide()

    def show_marks(self, feedback: Feedback, settings: FeedbackSettings) -> None:
        """Show what is marked; emits nothing."""
        counts = [(feedback.right, "right"), (feedback.wrong, "wrong")]
        told = ", ".join(f"{len(names)} {truth}" for names, truth in counts if names)
        self._words.setText(f"marked {told}")
        self._words.set_tip("Results are ranked by the query and these; + and - mark the current one.")
        self.weights.show_settings(settings.to_mapping())
        self.setVisible(bool(feedback))

    @property
    def words(self) -> str:
        """What is told."""
        return self._words.text()
