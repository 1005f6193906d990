"""Shortest ways between all items of one modality, in one space, without a window: for the command line."""

from __future__ import annotations

from xview.data.protocol import Classes, Protocol
from xview.errors import SpaceError
from xview.metrics.table import Request
from xview.retrieval.field import SpaceChoice
from xview.retrieval.geodesic_settings import GeodesicSettings
from xview.retrieval.stepping_stones import Vertex
from xview.session.engine import Engine
from xview.session.growth import Growth, growth
from xview.session.paths import RANKER, Found, way
from xview.session.resolve import Resolved, resolve
from xview.session.smooth import SmoothWays, smooth_from, survey_request
from xview.session.state import ItemsQuery, ViewState
from xview.session.workspace import Workspace


class Ways:
    """What the window tells of ways, for any item of the modality; graphs are made once."""

    def __init__(self, workspace: Workspace, modality: str, shared: str, settings: GeodesicSettings) -> None:
        """Take what to ask; the graph is built when it is first asked.

        Raises:
            SpaceError: There is no such space, or the modality has no vectors there.
        """
        if shared not in workspace.spaces:
            raise SpaceError(f"no space {shared!r} (known: {', '.join(workspace.spaces) or 'none'})")
        if modality not in workspace.spaces[shared].modalities:
            raise SpaceError(f"space {shared!r} holds no {modality}")
        self._workspace, self._modality, self._engine = workspace, modality, Engine(workspace)
        self._state = ViewState(
            protocol=Protocol(
                query=modality, gallery=modality, query_classes=Classes.ALL, gallery_classes=Classes.ALL
            ),
            spaces=SpaceChoice(shared=shared),
            ranker=RANKER,
            settings=((RANKER, settings),),
        )

    def between(self, one: int, other: int | None = None, top: int = 5) -> Found:
        """The way between two rows, or from one to its nearest along the graph; raises as `way`."""
        return way(self._engine, self._asked(one), other, top=top)

    def growth(self, one: int) -> Growth:
        """How the graph grows with its threshold around a row."""
        return growth(self._engine, self._asked(one))

    def smooth_from(self, one: int, most: int) -> SmoothWays:
        """The longest smooth paths from a row; raises as `smooth_from`."""
        return smooth_from(self._engine, self._asked(one), Vertex(self._modality, one), most=most)

    def survey_request(self) -> Request:
        """What surveys the smooth paths from all rows."""
        return survey_request(resolve(self._state, self._workspace))

    def _asked(self, one: int) -> Resolved:
        name = str(self._workspace.dataset.collection(self._modality).ids[one])
        return resolve(self._state.changed(query=ItemsQuery((name,))), self._workspace)
