"""From what is open to what a report says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from xview.arrays import Floats, Ints
from xview.data.protocol import Protocol, select
from xview.metrics.retrieval import COUNTING, MEASURES, PR_DEFINITION
from xview.report import curves, lambdas, maps, scores
from xview.report.content import Curves, Direction, Key, Report, SpaceMap
from xview.report.distortion import distorted
from xview.report.examples import examples
from xview.report.judge import Asked, fitting, judge
from xview.report.pictures import Gallery
from xview.report.provenance import command, provenance
from xview.report.tables import class_rows, evaluation_rows, heading, modality_rows
from xview.retrieval.field import SpaceChoice
from xview.session.scene import Scene
from xview.session.state import RankerChoice
from xview.session.workspace import DEFAULT_METHOD, Workspace
from xview.spaces.projection import PcaSettings, project_space
from xview.spaces.provenance import of_run

_KEYS = 60  # classes in the legend; more say nothing by colour
_CLASSES = 60  # rows of the class table
_CMC = 50  # ranks of the curve
_JUDGED, _DRAWN, _HELD = 0.5, 0.6, 0.8  # of the progress: when rankers, maps and distortion are done
_DEFINITIONS = {
    "CMC": "Share of queries with a match among the first 1, 2 ... items: rank-k as a curve.",
    "Precision and recall": PR_DEFINITION,
    "mAP against lambda": lambdas.DEFINITION,
    "Score curves": scores.DEFINITION,
    "What counts": COUNTING,
}


def compose(
    workspace: Workspace,
    protocol: Protocol,
    spaces: SpaceChoice,
    choices: Sequence[RankerChoice],
    on_progress: Callable[[float], None],
) -> Report:
    """Rank, measure, draw and tell.

    Raises:
        SpaceError: No ranker can work in these spaces.
        DataError: The protocol leaves no query or no gallery.
    """

    def part(start: float, end: float) -> Callable[[float], None]:
        return lambda share: on_progress(start + (end - start) * share)

    kept, notes = fitting(choices, workspace, protocol, spaces)
    asked = judge(workspace, protocol, spaces, kept, part(0.0, _JUDGED))
    chosen = _chosen_rows(workspace, protocol)
    labels = np.concatenate([workspace.dataset.collection(m).labels[rows] for m, rows in chosen.items()])
    present = [int(label) for label in np.unique(labels[labels >= 0])]
    colour_of = dict(zip(present[:_KEYS], maps.colours(len(present)), strict=False))
    shape_of = dict(zip(workspace.dataset.collections, list(maps.MARKS) * 9, strict=False))
    drawn = _maps(workspace, spaces, chosen, colour_of, shape_of, part(_JUDGED, _DRAWN))
    torn, remarks = distorted(workspace, protocol, spaces, _points, part(_DRAWN, _HELD))
    gallery = Gallery(workspace.dataset.classes)
    main, step = _main(kept), (1 - _HELD) / len(asked)
    return Report(
        title=workspace.dataset.name,
        summary=_summary(asked),
        modalities=modality_rows(workspace, chosen),
        notes=(*workspace.dataset.notes, *workspace.problems, *notes, *remarks),
        maps=drawn,
        class_keys=maps.keys(labels, workspace.dataset.classes, colour_of),
        modality_keys=tuple(
            Key(name=name, sign=maps.MARKS[shape_of[name]], count=len(rows)) for name, rows in chosen.items()
        ),
        keys_left_out=max(0, len(present) - _KEYS),
        rankers=tuple((choice.title, curves.dashes(number)) for number, choice in enumerate(kept)),
        examples=examples(asked, main, gallery),
        main_ranker=kept[main].title,
        measures=tuple(heading(name) for name in MEASURES),
        directions=tuple(
            _direction(one, number, main, workspace, part(_HELD + number * step, _HELD + (number + 1) * step))
            for number, one in enumerate(asked)
        ),
        distorted=torn,
        definitions=(
            *((heading(name), meaning) for name, meaning in MEASURES.items()),
            *_DEFINITIONS.items(),
            *(torn.definitions if torn else ()),
        ),
        provenance=provenance(workspace, protocol, spaces),
        command=command(workspace, protocol, spaces, kept),
    )


def _main(choices: Sequence[RankerChoice]) -> int:
    """The ranker the examples are chosen by."""
    names = [choice.name for choice in choices]
    return names.index("heterogeneous") if "heterogeneous" in names else len(names) - 1


def _summary(asked: Sequence[Asked]) -> str:
    protocol = asked[0].task.protocol
    directions = " and ".join(one.title for one in asked)
    counts = " and ".join(f"{len(one.task.query_rows):,}" for one in asked)
    return f"{directions}, {counts} queries of {protocol.query_classes} classes"


def _chosen_rows(workspace: Workspace, protocol: Protocol) -> dict[str, Ints]:
    """Rows of every modality that the protocol's parts of the split hold, asked or not."""
    rows = {}
    for modality in workspace.dataset.collections:
        task = select(workspace.dataset, replace(protocol, query=modality, gallery=modality))
        rows[modality] = np.union1d(task.query_rows, task.gallery_rows)
    return rows


def _maps(
    workspace: Workspace,
    spaces: SpaceChoice,
    chosen: dict[str, Ints],
    colour_of: dict[int, str],
    shape_of: dict[str, str],
    on_progress: Callable[[float], None],
) -> tuple[SpaceMap, ...]:
    """The spaces that rank, and all others the data came with; other runs have their own reports."""
    drawn = []
    shown = {n: s for n, s in workspace.spaces.items() if n in spaces.names or not of_run(s)}
    for done, (name, space) in enumerate(shown.items(), start=1):
        method, points = _points(workspace, name)
        scene = Scene(workspace.dataset, space)
        kept = np.zeros(len(scene), dtype=np.bool_)
        for modality, rows in chosen.items():
            kept[scene.points(modality, rows)] = True
        layout = maps.Layout(
            title=name,
            method=method,
            points=points,
            modality=scene.modality_codes,
            label=scene.labels,
            chosen=kept,
        )
        drawn.append(maps.draw(layout, colour_of, tuple(shape_of.values())))
        on_progress(done / len(shown))
    return tuple(drawn)


def _points(workspace: Workspace, space: str) -> tuple[str, Floats]:
    """The layout to show and what made it: the usual method's where there is one, else any, else by PCA."""
    found = {key.method: layout for key, layout in workspace.maps.items() if key.space == space}
    method = DEFAULT_METHOD if DEFAULT_METHOD in found else next(iter(found), "pca")
    layout = found[method] if found else project_space(workspace.spaces[space], PcaSettings())
    return method.upper() if method != "tsne" else "t-SNE", layout


def _direction(
    asked: Asked, number: int, main: int, workspace: Workspace, on_progress: Callable[[float], None]
) -> Direction:
    evaluations = [judged.evaluation for judged in asked.judged]
    cmc = [curves.Series(np.arange(1, len(e.cmc[:_CMC]) + 1), e.cmc[:_CMC]) for e in evaluations]
    precision = [curves.Series(e.recall, e.precision) for e in evaluations]
    classes = class_rows(asked, main, workspace.dataset.classes)
    return Direction(
        title=asked.title,
        rows=evaluation_rows(asked),
        classes=classes[:_CLASSES],
        classes_left_out=len(classes[_CLASSES:]),
        curves=Curves(
            cmc=curves.draw(
                cmc,
                title=f"CMC, {asked.title}",
                x_title="rank",
                y_title="share of queries with a match",
                salt=f"cmc{number}",
            ),
            precision_recall=curves.draw(
                precision,
                title=f"precision and recall, {asked.title}",
                x_title="recall",
                y_title="precision",
                salt=f"pr{number}",
            ),
            lam=lambdas.lambda_curves(asked, number, on_progress),
            scores=scores.score_curves(asked, main, number),
        ),
    )
