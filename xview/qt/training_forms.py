"""From registry, recipes and runs to what the training dock shows, and from its form to a run's config."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xview.arrays import Doubles
from xview.jobs.runs import Status, TrainingRun
from xview.models.registry import SYSTEMS, Role, System, find
from xview.qt.panels.training_form import FormInfo, FormValues, StartInfo
from xview.qt.panels.training_lines import RunCurves, Series
from xview.qt.panels.training_systems import SystemInfo
from xview.qt.panels.training_table import RunInfo
from xview.retrieval.field import candidates
from xview.session.workspace import Workspace
from xview.spaces.provenance import of_run
from xview.training.availability import unavailable, usable
from xview.training.names import SELECT, UNSEEN
from xview.training.recipes import Recipe, recipes
from xview.training.settings import TrainSettings

_OF_EPOCHS = {"epochs", "device", "precision"}
"""Settings that mean nothing to a system in closed form."""
_CAN = {
    Status.WAITING: {"resume"},
    Status.RUNNING: {"pause", "stop"},
    Status.PAUSED: {"resume", "stop"},
    Status.STOPPED: {"resume"},
    Status.FINISHED: set[str](),
    Status.FAILED: {"resume", "stop"},
    Status.CRASHED: {"resume", "stop"},
}


def system_infos(workspace: Workspace) -> list[SystemInfo]:
    """Every system, and why it cannot be trained on what is open."""
    return [_system_info(system, workspace) for system in SYSTEMS.values()]


def _system_info(system: System, workspace: Workspace) -> SystemInfo:
    return SystemInfo(
        name=system.name,
        title=system.title,
        summary=system.summary,
        source=system.source,
        unavailable=unavailable(system, workspace.dataset, workspace.spaces) or "",
    )


def form_info(
    name: str, workspace: Workspace, pair: tuple[str, ...], taken: Iterable[str], like: TrainingRun | None
) -> FormInfo:
    """The form of a system.

    Args:
        name: Of the system.
        workspace: What it would learn from.
        pair: Modalities a system of two takes unless told otherwise.
        taken: Names no run may have.
        like: A run to fill the form from, before all recipes.
    """
    system = find(name)
    training = [
        parameter
        for parameter in TrainSettings.parameters()
        if not (system.closed_form and parameter.key in _OF_EPOCHS)
    ]

    def features(modality: str) -> tuple[str, ...]:
        return () if system.role is Role.COMPOSER else _features(workspace, modality)

    starts = [] if like is None else [_clone(like)]
    starts += _starts(system, workspace, pair)
    return FormInfo(
        system=_system_info(system, workspace),
        settings=system.config().parameters(),
        training=training,
        modalities={m: features(m) for m in usable(system, workspace.dataset, workspace.spaces)},
        fewest=system.modalities[0],
        most=system.modalities[1],
        starts=starts,
        name=free_name(system.title, taken),
        taken=frozenset(workspace.spaces),
    )


def _features(workspace: Workspace, modality: str) -> tuple[str, ...]:
    """Single-modal spaces to learn from: what training made comes last."""
    fitting = candidates(workspace.spaces, modality)
    return tuple(sorted(fitting, key=lambda name: of_run(workspace.spaces[name])))


def _starts(system: System, workspace: Workspace, pair: tuple[str, ...]) -> list[StartInfo]:
    """Recipes of the open data, the defaults, recipes of other data."""
    data = workspace.dataset.source
    modalities = pair if system.modalities[1] else ()
    defaults = StartInfo(
        title="Defaults",
        tip="What suits most data",
        values=FormValues(settings=_fitting(system, workspace), modalities=modalities),
    )
    here: list[StartInfo] = []
    elsewhere: list[StartInfo] = []
    for recipe in recipes(system.name):
        (here if recipe.data == data else elsewhere).append(_start(recipe, modalities))
    return [*here, defaults, *elsewhere]


def _fitting(system: System, workspace: Workspace) -> dict[str, Any]:
    """What to set where the defaults do not suit this data: without captions nothing is learnt in Joint."""
    lacks = unavailable(system, workspace.dataset, workspace.spaces, system.config()())
    return {"in_joint": False} if lacks and system.role is Role.COMPOSER else {}


def _start(recipe: Recipe, modalities: tuple[str, ...]) -> StartInfo:
    return StartInfo(
        title=recipe.title,
        tip="\n".join(filter(None, [recipe.source, recipe.notes])),
        values=FormValues(settings=recipe.settings, training=recipe.training, modalities=modalities),
    )


def _clone(run: TrainingRun) -> StartInfo:
    config = run.config
    return StartInfo(
        title=f"Clone of {run.name}",
        tip="Everything as in that run: change one thing and start",
        values=FormValues(
            settings=config.get("settings") or {},
            training=config.get("training") or {},
            modalities=tuple(config.get("modalities") or ()),
            features=config.get("features") or {},
        ),
    )


def free_name(title: str, taken: Iterable[str]) -> str:
    """The title and the first number that makes it a name nobody has."""
    names, number = {name.casefold() for name in taken}, 1
    while f"{title} {number}".casefold() in names:
        number += 1
    return f"{title} {number}"


def config_of(system: str, values: FormValues, workspace: Workspace, name: str) -> dict[str, Any]:
    """What `TrainingRun.create` takes."""
    return {
        "data": workspace.dataset.source,
        "unseen": None if workspace.unseen is None else list(workspace.unseen),
        "system": system,
        "modalities": list(values.modalities) or None,
        "features": dict(values.features),
        "settings": dict(values.settings),
        "training": dict(values.training),
        "name": values.name or name,
    }


def run_info(run: TrainingRun, workspace: Workspace) -> RunInfo:
    """A run as the table shows it."""
    best, done = run.best, run.progress
    source = str(run.config.get("data") or "")
    system = SYSTEMS.get(str(run.config.get("system")))
    spaces = spaces_of(run, workspace)
    can = _CAN[run.status] | {"clone", "delete"} | ({"compare"} if spaces else set())
    return RunInfo(
        key=str(run.folder),
        name=run.name,
        system=system.title if system else str(run.config.get("system")),
        data=Path(source).name,
        status=str(run.status),
        message=run.message,
        epoch=run.epoch,
        epochs=run.epochs,
        fraction=done.done / done.total if done is not None and done.total > 0 else None,
        seconds_left=run.seconds_left if run.alive else None,
        validation=best.get(SELECT),
        unseen=best.get(UNSEEN),
        created=run.created,
        here=source == workspace.dataset.source,
        alive=run.alive or run.queued,
        actions=frozenset(can - {"resume"} if run.queued else can) | ({"pause"} if run.queued else set()),
    )


def spaces_of(run: TrainingRun, workspace: Workspace) -> list[str]:
    """Names of the open shared spaces that a run left, the one retrieval uses first."""
    found = []
    for name, space in workspace.spaces.items():
        made = space.made_by.get("checkpoint") or space.made_by.get("projections")
        if space.shared and isinstance(made, str) and Path(made).parent == run.folder.absolute():
            found.append(name)
    return found


class Figures:
    """Curves of the runs on screen, as arrays that grow with them."""

    def __init__(self) -> None:
        self._series: dict[str, dict[str, Series]] = {}

    def of(self, runs: Sequence[TrainingRun]) -> list[RunCurves]:
        """The curves of these runs; those of others are forgotten."""
        self._series = {key: self._series.get(key, {}) for key in (str(run.folder) for run in runs)}
        return [self._of(run) for run in runs]

    def _of(self, run: TrainingRun) -> RunCurves:
        known = self._series[str(run.folder)]
        losses: dict[str, tuple[Doubles, Doubles]] = {}
        measures: dict[str, tuple[Doubles, Doubles]] = {}
        for name, (steps, values) in run.curves.items():
            series = known.setdefault(name, Series())
            series.take(steps, values)
            (measures if name in (SELECT, UNSEEN) else losses)[name] = series.x, series.y
        total = run.progress.total if run.progress is not None else 0
        return RunCurves(
            key=str(run.folder),
            name=run.name,
            losses=losses,
            measures=measures,
            steps_per_epoch=total / run.epochs,
        )
