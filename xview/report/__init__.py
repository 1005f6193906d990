"""The report: maps, rankings, tables and curves of what is open, as one self-contained page.

`compose` ranks and measures and gives a `Report` of plain values, `page` sets it. Stands between session and
the front ends, so that the window writes the same report as the command line.

Decisions
    2026-11-22  No scripts and nothing loaded: the page can be mailed, archived and opened anywhere, and its
                content policy forbids whatever a hostile title might smuggle in.
    2026-11-22  Maps are drawn once on a transparent ground and curves take the page's colours, so light and
                dark need no second copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from xview.data.protocol import Classes, Protocol
from xview.errors import DataError, SpaceError
from xview.retrieval.field import SpaceChoice
from xview.retrieval.registry import RANKERS
from xview.session.resolve import resolve
from xview.session.state import RankerChoice, ViewState
from xview.session.workspace import Workspace


def write_report(
    workspace: Workspace,
    folder: Path,
    *,
    protocol: Protocol | None = None,
    spaces: SpaceChoice | None = None,
    rankers: Sequence[RankerChoice] | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Path:
    """Write `index.html` into `folder`, made where there is none.

    Args:
        workspace: What is open; its maps are shown; a space without one is laid out by PCA.
        folder: Where to write; an older report there is replaced when the new one is whole.
        protocol: What asks what; both directions are told. None lets the data decide.
        spaces: Where to rank; None takes the first that fit.
        rankers: None takes all, with their defaults; those the spaces cannot serve are left out and named.
        on_progress: Takes the share done, 0 to 1; may raise to cancel.

    Returns:
        Path of the page.

    Raises:
        SpaceError: No space or ranker fits the protocol.
        DataError: The protocol leaves no query, or the folder cannot be written.
    """
    from xview.report.compose import compose  # brings matplotlib
    from xview.report.page import render

    if protocol is None or spaces is None:
        resolved = resolve(ViewState(protocol=protocol), workspace)
        protocol, spaces = resolved.task.protocol, spaces or resolved.spaces
        if spaces is None:
            raise SpaceError(resolved.problem)
    if not workspace.dataset.has_split:
        protocol = replace(protocol, query_classes=Classes.ALL, gallery_classes=Classes.ALL)
    choices = rankers or [RankerChoice(name, kind.settings()) for name, kind in RANKERS.items()]
    target = folder / "index.html"
    with _told(target):
        folder.mkdir(parents=True, exist_ok=True)  # a folder that cannot be made must not cost the work
    page = render(compose(workspace, protocol, spaces, choices, on_progress))
    with _told(target):
        partial = folder / ".index.html.partial"
        try:
            partial.write_text(page, encoding="utf-8")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return target


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror}); choose another folder") from error
