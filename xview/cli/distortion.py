"""`xview distortion`: what a shared space, or a map, did to the neighbourhoods of its items."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from xview.cli.output import check_writable, note, progress, say, show_json, show_table
from xview.cli.request import open_data, protocol_of
from xview.data.protocol import Protocol
from xview.errors import SpaceError
from xview.metrics.distortion import FIGURES, Comparison, Distortion, DistortionRequest
from xview.metrics.edges import BRIDGED, TORN
from xview.metrics.failure import CORRELATION
from xview.metrics.gap import GAP
from xview.metrics.hubness import HUBNESS
from xview.metrics.measure_distortion import measure
from xview.metrics.neighbourhoods import LCMC_DEFINITION, MEASURES
from xview.metrics.tearing import FRAGMENTATION
from xview.retrieval.field import SpaceChoice, choose_spaces
from xview.session.workspace import Workspace
from xview.spaces.library import OpenData
from xview.spaces.provenance import space_called


def run(args: argparse.Namespace) -> int:
    """Measure and show."""
    if args.json and args.json != "-":
        check_writable(Path(args.json))
    workspace = open_data(args)
    request = _request(args, workspace)
    opened = OpenData(dataset=workspace.dataset, spaces=workspace.spaces)
    with progress("measuring") as step:
        found = measure(opened, request, step)
    if args.json:
        show_json(found.to_json(), args.json)
    if args.json != "-":
        _show(found, args.top)
    for told in found.notes:
        note(told)
    return 0


def _request(args: argparse.Namespace, workspace: Workspace) -> DistortionRequest:
    if args.space:
        args.space = space_called(workspace.spaces, args.space)
    args.against = [space_called(workspace.spaces, name) for name in args.against]
    _choose_direction(args, workspace)
    protocol = protocol_of(args, workspace, args.query)
    choice = _spaces(workspace, protocol, args.space)
    return DistortionRequest(
        space=choice.shared,
        against=tuple(args.against),
        method=args.map,
        protocol=protocol,
        spaces=choice,
        ks=args.ks,
        k=args.k,
        sample=args.sample,
    )


def _choose_direction(args: argparse.Namespace, workspace: Workspace) -> None:
    """Where no modality is named, those of the references; of a single-modal space its own."""
    space = workspace.spaces.get(args.space)
    if space is not None and not space.shared:
        args.query = args.gallery = space.modalities[0]
    elif args.query is None and args.gallery is None:
        held = list(dict.fromkeys(m for name in args.against for m in workspace.spaces[name].modalities))
        args.query, args.gallery = [*held, None, None][:2]


def _spaces(workspace: Workspace, protocol: Protocol, space: str | None) -> SpaceChoice:
    try:
        return choose_spaces(workspace.spaces, protocol, shared=space)
    except SpaceError as error:
        told = f"{error}; {workspace.problems[0]}" if workspace.problems else str(error)
        raise SpaceError(told) from None


def _show(found: Distortion, top: int) -> None:
    protocol = found.request.protocol
    sides = " and ".join(dict.fromkeys((protocol.query, protocol.gallery)))
    say(f"{found.comparisons[0].measured}: {sides}, {_classes(protocol)} classes, k = {found.request.k}")
    say("")
    _show_quality(found)
    for comparison in found.comparisons:
        _show_fragments(comparison, found.classes, top)
    _show_edges(found)
    _show_hubs(found)
    _show_gap(found)
    _show_failures(found)
    for told in _definitions(found):
        say(told)


def _classes(protocol: Protocol) -> str:
    return " and ".join(dict.fromkeys((protocol.query_classes.value, protocol.gallery_classes.value)))


def _show_quality(found: Distortion) -> None:
    right = ["items", "k", *(name.replace("_", " ") for name in MEASURES), "LCMC", "largest piece"]
    rows = []
    for c in found.comparisons:
        near = c.neighbourhoods
        pieces = zip(c.reference_shares.mean(axis=1), c.measured_shares.mean(axis=1), strict=True)
        for i, (before, here) in enumerate(pieces):
            figures = [f"{near.mean(name)[i]:.3f}" for name in MEASURES]
            shares = f"{before:.3f} -> {here:.3f}"
            about = [c.modality, c.reference, f"{near.n:,}"] if i == 0 else ["", "", ""]
            rows.append([*about, f"{near.ks[i]}", *figures, f"{near.lcmc[i]:.3f}", shares])
    title = "Neighbourhoods against the reference; largest piece of a class, mean: reference -> here"
    show_table(["modality", "reference", *right], rows, title=title, right=right)
    say("")


def _show_fragments(c: Comparison, classes: tuple[str, ...], top: int) -> None:
    pairs = list(zip(c.reference_fragments.classes, c.measured_fragments.classes, strict=True))
    if not pairs:
        return
    pairs.sort(key=lambda pair: pair[1].largest - pair[0].largest)
    rows = [
        [
            classes[before.label],
            f"{before.items:,}",
            f"{before.largest:.3f} -> {here.largest:.3f}",
            f"{before.pieces} -> {here.pieces}",
            f"{before.components} -> {here.components}",
            f"{before.alone:.3f} -> {here.alone:.3f}",
        ]
        for before, here in pairs[:top]
    ]
    a, b = c.reference_fragments, c.measured_fragments
    rows.append(
        [
            "mean of all classes",
            "",
            f"{a.largest:.3f} -> {b.largest:.3f}",
            f"{a.pieces:.1f} -> {b.pieces:.1f}",
            f"{a.components:.1f} -> {b.components:.1f}",
            f"{a.alone:.3f} -> {b.alone:.3f}",
        ]
    )
    columns = ["class", "items", "largest piece", "pieces of two or more", "components", "alone"]
    shown = f"{min(top, len(pairs))} of {len(pairs)} classes, the most torn first"
    title = f"Fragmentation of {c.modality}, {c.reference} -> {c.measured}, k = {c.k}: {shown}"
    show_table(columns, rows, title=title, right=columns[1:])
    say("")


def _show_edges(found: Distortion) -> None:
    rows = [
        [
            c.modality,
            name,
            f"{e.total:,}",
            f"{e.pairs:,}",
            f"{e.share:.3f}{_error(e.error)}",
            f"{e.chance:.3f}",
        ]
        for c in found.comparisons
        for name, e in (("torn edges", c.torn), ("false bridges", c.bridged))
    ]
    columns = ["modality", "edges", "lost", "of pairs", "share", "by chance at most"]
    show_table(columns, rows, title="Edges", right=columns[2:])
    say("")


def _error(error: float) -> str:
    return f" ±{error:.3f}" if error > 0 else ""


def _show_hubs(found: Distortion) -> None:
    rows = [
        [
            *(h.space, h.asked, h.found, f"{h.k}", f"{h.skewness:.2f}", f"{len(h.hubs):,}"),
            *(f"{h.held_by_hubs:.3f}", f"{h.antihubs:.3f}"),
        ]
        for h in found.hubs
    ]
    columns = ["space", "asked by", "found", "k", "skewness", "hubs", "share of places", "never found"]
    show_table(columns, rows, title="Hubs", right=columns[3:])
    say("")


def _show_gap(found: Distortion) -> None:
    if found.gap is not None:
        g = found.gap
        say(
            f"Gap between {g.first} and {g.second}: {g.distance:.3f}, {g.share:.1%} of the variance along "
            f"it, separation {g.separation:.3f}\n"
        )


def _show_failures(found: Distortion) -> None:
    rows = [
        [
            f.query,
            f.gallery,
            f"{c.rho:+.3f}",
            f"{c.low:+.3f} to {c.high:+.3f}",
            f"{c.within:+.3f}",
            f"{c.n:,}",
        ]
        for f in found.failures
        for c in (f.correlation,)
    ]
    if rows:
        columns = ["query", "gallery", "rho", "95 %", "within classes", "queries"]
        title = "Average precision (k-NN) against local distortion, Spearman"
        show_table(columns, rows, title=title, right=columns[2:])
        say("")


def _definitions(found: Distortion) -> Iterator[str]:
    for name, words in MEASURES.items():
        yield f"{name.replace('_', ' ')}: {words}"
    yield LCMC_DEFINITION
    yield from (FRAGMENTATION, TORN, BRIDGED, HUBNESS)
    if found.gap is not None:
        yield GAP
    if found.failures:
        yield f"Local distortion: {FIGURES['distortion']} {CORRELATION}"
