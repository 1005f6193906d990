"""What the shared space did to each modality's neighbourhoods, told and drawn (paper 000, Fig. 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from xview.arrays import Floats
from xview.data.protocol import Protocol
from xview.errors import XViewError
from xview.metrics.distortion import Comparison, Distortion, DistortionRequest
from xview.metrics.edges import BRIDGED, TORN
from xview.metrics.failure import CORRELATION, Failure
from xview.metrics.gap import GAP
from xview.metrics.hubness import HUBNESS
from xview.metrics.measure_distortion import measure
from xview.metrics.neighbourhoods import MEASURES
from xview.metrics.tearing import FRAGMENTATION
from xview.report.content import Distorted, Pair, Plot
from xview.report.curves import Series, cloud, dashes, draw
from xview.report.distortion_maps import Place, pairs_apart, pieces
from xview.retrieval.field import SpaceChoice
from xview.session.scene import Scene
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData

QUALITY = ("trustworthiness", "continuity", "overlap")
CLOUD = 1_500  # points drawn; correlations are of all
_ASIDE = 0.35  # of the steps of 1 / k that a distortion takes: how far points are moved not to hide another
_SMALLEST = 8  # items of a class worth a picture
_MEASURED = 0.7  # of the progress

Points = Callable[[Workspace, str], tuple[str, Floats]]


def distorted(
    workspace: Workspace,
    protocol: Protocol,
    spaces: SpaceChoice,
    points: Points,
    on_progress: Callable[[float], None],
) -> tuple[Distorted | None, tuple[str, ...]]:
    """Measure the shared space against the single-modal ones, draw, and tell; and what the reader must know.

    Args:
        workspace: What is open.
        protocol: Whose items.
        spaces: The shared space and its references.
        points: Gives a space's map: its method and (items, 2) points.
        on_progress: Told the share done; may raise to cancel.

    Returns:
        None with the reason where there is nothing to hold the space against.
    """
    request = DistortionRequest(space=spaces.shared, protocol=protocol, spaces=spaces)
    opened = OpenData(dataset=workspace.dataset, spaces=workspace.spaces)
    try:
        found = measure(opened, request, lambda share: on_progress(_MEASURED * share))
    except XViewError as error:
        return None, (f"Distortion left out: {error}",)
    fragments, edges = [], []
    for done, one in enumerate(found.comparisons, start=1):
        before, after = (_place(workspace, points, name, one) for name in (one.reference, one.measured))
        fragments += list(_worst_class(one, before, after, found.classes))
        edges.append(_edges(one, before, after))
        on_progress(_MEASURED + (1 - _MEASURED) * done / len(found.comparisons))
    k = found.comparisons[0].k
    return Distorted(
        space=spaces.shared,
        k=k,
        headings=_HEADINGS,
        rows=tuple(_row(one) for one in found.comparisons),
        told=tuple(_told(found)),
        fragments=tuple(fragments),
        edges=tuple(edges),
        quality=tuple(_quality(one, number) for number, one in enumerate(found.comparisons)),
        quality_keys=tuple((name, dashes(number)) for number, name in enumerate(QUALITY)),
        failures=tuple(_failure(one, k, number) for number, one in enumerate(found.failures)),
        definitions=tuple(DEFINITIONS.items()),
    ), found.notes


DEFINITIONS: Mapping[str, str] = {
    **{name: MEASURES[name] for name in QUALITY},
    "largest piece": FRAGMENTATION,
    "torn": TORN,
    "bridged": BRIDGED,
    "hubs": HUBNESS,
    "gap": GAP,
    "distortion and failure": f"Distortion is 1 - overlap of a query's neighbourhood. {CORRELATION}",
}
_HEADINGS = ("Modality", "Held against", "Items", *QUALITY, "largest piece", "torn", "bridged")


def _row(one: Comparison) -> tuple[str, ...]:
    near = one.neighbourhoods
    at = int(np.flatnonzero(near.ks == one.k)[0])
    quality = [f"{near.mean(name)[at]:.3f}" for name in QUALITY]
    largest = f"{one.reference_fragments.largest:.2f} → {one.measured_fragments.largest:.2f}"
    shares = [_share(edges.share) for edges in (one.torn, one.bridged)]
    return (one.modality, one.reference, f"{near.n:,}", *quality, largest, *shares)


def _told(found: Distortion) -> Iterator[str]:
    if found.gap is not None:
        gap = found.gap
        yield (
            f"Modality gap between {gap.first} and {gap.second}: {gap.distance:.2f}; {_share(gap.share)} of "
            f"all variance lies along its direction, which parts them to {gap.separation:.2f} (.5 is mixed)."
        )
    for hubs in found.hubs:
        who = "among themselves" if hubs.asked == hubs.found else f"asked by {hubs.asked}"
        yield (
            f"Hubs in {hubs.space}, {hubs.found} {who}: skewness {hubs.skewness:.2f}, {len(hubs.hubs):,} "
            f"hubs hold {_share(hubs.held_by_hubs)} of all places, {_share(hubs.antihubs)} are never found."
        )


def _place(workspace: Workspace, points: Points, space: str, one: Comparison) -> Place:
    method, layout = points(workspace, space)
    opened = workspace.spaces[space]
    at = Scene(workspace.dataset, opened).points(one.modality, one.rows)
    return Place(space=space, method=method, vectors=opened.unit(one.modality)[one.rows], points=layout[at])


def _worst_class(one: Comparison, before: Place, after: Place, classes: tuple[str, ...]) -> Iterator[Pair]:
    """The class whose largest piece lost the largest share, of those large enough for a picture."""
    both = zip(one.reference_fragments.classes, one.measured_fragments.classes, strict=True)
    lost = [(own.largest - here.largest, own.label) for own, here in both if own.items >= _SMALLEST]
    if not lost:
        return
    label = max(lost)[1]
    members = np.flatnonzero(one.labels == label)
    yield Pair(
        title=f"{classes[label]} ({len(members):,} {one.modality})",
        before=pieces(before, members, one.reference_fragments.parts[members], one.k),
        after=pieces(after, members, one.measured_fragments.parts[members], one.k),
    )


def _edges(one: Comparison, before: Place, after: Place) -> Pair:
    return Pair(
        title=one.modality,
        before=pairs_apart(before, one.bridged.ends, one.bridged.total, torn=False),
        after=pairs_apart(after, one.torn.ends, one.torn.total, torn=True),
    )


def _quality(one: Comparison, number: int) -> Plot:
    near = one.neighbourhoods
    title = f"{one.modality} in {one.measured} against {one.reference}"
    drawing = draw(
        [Series(near.ks, near.mean(name)) for name in QUALITY],
        title=f"quality against k, {title}",
        x_title="neighbours k",
        y_title="mean over items",
        salt=f"quality{number}",
    )
    told = "" if near.exact else f"{len(near.items):,} of {near.n:,} items measured, each against all."
    return Plot(title=title, drawing=drawing, told=told)


def _failure(one: Failure, k: int, number: int) -> Plot:
    known = np.flatnonzero(np.isfinite(one.ap) & np.isfinite(one.distortion))
    shown = known if len(known) <= CLOUD else np.random.default_rng(0).choice(known, CLOUD, replace=False)
    title, found = f"{one.query} → {one.gallery}", one.correlation
    told = (
        f"Spearman's rho {found.rho:.2f} [{found.low:.2f}, {found.high:.2f}], within classes "
        f"{found.within:.2f}, {found.n:,} queries"
    )
    if len(shown) < len(known):
        told += f", {len(shown):,} drawn"
    told += "; points are moved a little sideways to be seen"
    aside = np.random.default_rng(0).uniform(-_ASIDE, _ASIDE, len(shown)) / k
    drawing = cloud(
        one.distortion[shown] + aside,
        one.ap[shown],
        title=f"average precision against {one.figure}, {title}",
        x_title=f"{one.figure} of the query's neighbourhood",
        y_title="average precision, k-NN",
        salt=f"failure{number}",
    )
    return Plot(title=title, drawing=drawing, told=told)


def _share(value: float) -> str:
    return "none" if np.isnan(value) else f"{100 * value:.0f} %"
