"""The task that trains a system: data, inputs, training loop, and the finished checkpoint's spaces.

Config: data, unseen, `system` by name, `modalities` (null: all it can take), `features` (single-modal space
by modality; null: the first of each), `settings` of the system, `training` of `TrainSettings`, `name` that
the run's spaces will bear, and `weights`, a file made elsewhere to begin with (null: fresh ones). Leaves
`checkpoint.safetensors`, `best.safetensors` and `spaces/`. Where the folder has a checkpoint already the run
goes on from there. A system in closed form has no epochs: see `closed_form`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from xview.arrays import AnyArray
from xview.jobs import closed_form
from xview.jobs.learning import Learning, embedded, from_items, from_pairs
from xview.jobs.reporter import Reporter, StopRequested
from xview.models import parallel
from xview.models.registry import Role, find
from xview.models.trainable import OWN, Trainable
from xview.settings import Settings
from xview.spaces.library import open_data, unseen_classes
from xview.spaces.provenance import PIXELS, made_of, reduction_of
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import embed_all, write_spaces
from xview.training import checkpoint
from xview.training.checkpoint import Origin, Place
from xview.training.fit import Hooks, choose_device, fit, seed_all
from xview.training.names import BEST
from xview.training.settings import TrainSettings


def train(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Train a system as the module says; result is the file of the best checkpoint, or of projections.

    Raises:
        TrainingError, CheckpointError, DataError, SettingError: As `fit`, `training_data` and `find`.
        StopRequested: It was stopped, and has kept the best so far, if there was any.
        SpaceError: As `closed_form.solve`.
    """
    row = find(config["system"])
    settings: Settings = row.config().from_mapping(config.get("settings") or {})
    training = TrainSettings.from_mapping(config.get("training") or {})
    opened = open_data(config["data"], config.get("unseen"))
    name = config.get("name") or run_dir.name
    if row.role is Role.COMPOSER:
        learning = from_pairs(row, settings, training, opened, reporter)
    else:
        learning = from_items(row, settings, training, opened, config, reporter)
    sources = learning.sources
    if row.closed_form:
        vectors = None if learning.facts.class_vectors is None else learning.facts.class_vectors.numpy()
        found = closed_form.solve(row, settings, opened.dataset, sources, learning.data, vectors, reporter)
        return closed_form.keep(name, row, settings, training.seed, opened.dataset, sources, found, run_dir)
    seed_all(training.seed)
    device = choose_device(training.device)
    system: Trainable = row.load().build(settings, learning.facts).to(device)
    if config.get("weights"):
        checkpoint.load_weights(Path(config["weights"]), system)
    unseen = tuple(sorted(unseen_classes(opened.dataset)))
    origin = Origin(
        system=row.name,
        config=settings.to_mapping(),
        training=training.to_mapping(),
        facts=learning.facts.to_json(),
        data=opened.dataset.fingerprint,
        source=opened.dataset.source,
        unseen=unseen,
        features={m: sources[m].fingerprint if m in sources else "pictures" for m in learning.inputs},
    )
    stopped = False
    try:
        fit(system, learning.data, training, origin, run_dir, _hooks(learning, device, reporter))
    except StopRequested:
        if not (run_dir / BEST).exists():
            raise
        stopped = True
    if parallel.rank() > 0:
        return BEST
    best, _ = checkpoint.load(run_dir / BEST)
    spaces = trained_spaces(name, best.to(device), learning.inputs, sources, run_dir / BEST)
    write_spaces(run_dir, opened.dataset, unseen, spaces)
    if stopped:
        raise StopRequested(BEST)
    return BEST


def _hooks(learning: Learning, device: torch.device, reporter: Reporter) -> Hooks:
    def measure(system: Trainable) -> Mapping[str, float]:
        return learning.measure(system, device)

    def report(place: Place, steps: int, figures: Mapping[str, float]) -> None:
        reporter.tell(place.steps, steps, f"epoch {place.epoch + (place.step > 0)}", **figures)

    return Hooks(measure, report, reporter.check)


def trained_spaces(
    name: str,
    system: Trainable,
    inputs: Mapping[str, AnyArray],
    sources: Mapping[str, EmbeddingSpace],
    file: Path,
) -> list[EmbeddingSpace]:
    """Every space of a trained system over all items: the first shared one bears the run's `name`."""
    device = next(system.parameters()).device
    system.eval()
    vectors = embed_all(lambda m, x: embedded(system, m, x, device), inputs)
    origin = asdict(checkpoint.read_header(file).origin)
    made_by = {
        "system": origin["system"],
        "checkpoint": str(file.absolute()),
        "seed": origin["training"]["seed"],
        "data": origin["data"],
        "encoder": {m: made_of(sources[m], m, "encoder") if m in sources else PIXELS for m in inputs},
        "reduction": {m: reduction_of(space, m) for m, space in sources.items()},
    }
    found = []
    for own, parts in vectors.items():
        told = {**made_by, "output": own}
        if own == OWN:
            found += [
                EmbeddingSpace(name=f"{name} · {m}", parts={m: part}, made_by=told)
                for m, part in parts.items()
            ]
        else:
            first = next(key for key in vectors if key != OWN)
            title = name if own == first else f"{name} · {own}"
            found.append(EmbeddingSpace(name=title, parts=parts, made_by=told))
    return found
