"""The task that trains a system: data, inputs, training loop, and the finished checkpoint's spaces.

Config: data, unseen, `system` by name, `modalities` (null: all it can take), `features` (single-modal space
by modality; null: the first of each), `settings` of the system, `training` of `TrainSettings`, `name` that
the run's spaces will bear, and `weights`, a file made elsewhere to begin with (null: fresh ones). Leaves
`checkpoint.safetensors`, `best.safetensors` and `spaces/`. Where the folder has a checkpoint already the run
goes on from there. A system in closed form has no epochs: see `closed_form`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xview.arrays import AnyArray, Floats
from xview.data.records import Dataset, Kind
from xview.errors import TrainingError
from xview.jobs import closed_form
from xview.jobs.measures import measures
from xview.jobs.reporter import Reporter, StopRequested
from xview.models import parallel
from xview.models.registry import System, find
from xview.models.trainable import OWN, Trainable
from xview.settings import Settings
from xview.spaces.cache import cache_file
from xview.spaces.library import OpenData, open_data, single_modal, unseen_classes
from xview.spaces.provenance import PIXELS, made_of, reduction_of
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import embed_all, write_spaces
from xview.training import checkpoint
from xview.training.availability import usable
from xview.training.checkpoint import Origin, Place
from xview.training.data import TrainingData, as_input, training_data
from xview.training.fit import Hooks, choose_device, fit, seed_all
from xview.training.names import BEST
from xview.training.pictures import digest, read_pictures
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
    modalities = _modalities(row, opened, config.get("modalities"))
    name = config.get("name") or run_dir.name
    inputs, sources = _inputs(row, settings, opened, modalities, config.get("features") or {}, reporter)
    data = training_data(opened.dataset, inputs, training)
    vectors = _class_vectors(row, opened.dataset, data)
    if row.closed_form:
        found = closed_form.solve(row, settings, opened.dataset, sources, data, vectors[0], reporter)
        return closed_form.keep(name, row, settings, training.seed, opened.dataset, sources, found, run_dir)
    seed_all(training.seed)
    device = choose_device(training.device)
    facts = data.facts(*vectors)
    system: Trainable = row.load().build(settings, facts).to(device)
    if config.get("weights"):
        checkpoint.load_weights(Path(config["weights"]), system)
    unseen = tuple(sorted(unseen_classes(opened.dataset)))
    origin = Origin(
        system=row.name,
        config=settings.to_mapping(),
        training=training.to_mapping(),
        facts=facts.to_json(),
        data=opened.dataset.fingerprint,
        source=opened.dataset.source,
        unseen=unseen,
        features={m: sources[m].fingerprint if m in sources else "pictures" for m in inputs},
    )
    stopped = False
    try:
        fit(system, data, training, origin, run_dir, _hooks(opened.dataset, data, device, reporter))
    except StopRequested:
        if not (run_dir / BEST).exists():
            raise
        stopped = True
    if parallel.rank() > 0:
        return BEST
    best, _ = checkpoint.load(run_dir / BEST)
    spaces = trained_spaces(name, best.to(device), inputs, sources, run_dir / BEST)
    write_spaces(run_dir, opened.dataset, unseen, spaces)
    if stopped:
        raise StopRequested(BEST)
    return BEST


def _modalities(row: System, opened: OpenData, named: Sequence[str] | None) -> tuple[str, ...]:
    """Those named, or as many of those with something to learn from as the system can take.

    Raises:
        TrainingError: The system cannot take as many.
    """
    fewest, most = row.modalities
    fit_for_it = usable(row, opened.dataset, opened.spaces) or tuple(opened.dataset.collections)
    chosen = tuple(named or fit_for_it[: most or None])
    if len(chosen) < fewest or (most and len(chosen) > most):
        takes = f"{fewest}" if fewest == most else f"{fewest} or more"
        raise TrainingError(
            f"{row.title} learns from {takes} modalities, not from {len(chosen)} ({', '.join(chosen)}); "
            "choose others"
        )
    return chosen


def _inputs(
    row: System,
    settings: Settings,
    opened: OpenData,
    modalities: tuple[str, ...],
    named: Mapping[str, str],
    reporter: Reporter,
) -> tuple[dict[str, AnyArray], dict[str, EmbeddingSpace]]:
    """What each modality is learnt from, and the space it is of; pictures are of none."""
    shape_of = getattr(row.load(), "picture_shape", None)
    shape = None if shape_of is None else shape_of(settings)
    if shape is None:
        sources = _sources(opened, modalities, named)
        return {m: space.unit(m) for m, space in sources.items()}, sources
    drawn = [m for m in modalities if opened.dataset.collection(m).kind is Kind.IMAGE]
    sources = _sources(opened, tuple(m for m in modalities if m not in drawn), named)
    found: dict[str, AnyArray] = {}
    for modality in modalities:
        if modality in sources:
            found[modality] = sources[modality].unit(modality)
            continue
        collection = opened.dataset.collection(modality)
        path = cache_file(f"pictures {shape} {digest(collection)}").with_suffix(".npy")

        def step(done: int, total: int, modality: str = modality) -> None:
            reporter.tell(done, total, f"reading the pictures of {modality}")
            if parallel.world() == 1:  # several read at their own pace, and cannot agree on when to stop
                reporter.check()

        found[modality] = read_pictures(collection, shape, path, step)
    return found, sources


def _sources(
    opened: OpenData, modalities: tuple[str, ...], named: Mapping[str, str]
) -> dict[str, EmbeddingSpace]:
    """The single-modal space that feeds each modality."""
    first = single_modal(opened.spaces)
    found = {}
    for modality in modalities:
        opened.dataset.collection(modality)  # a misspelt modality is told with the known ones
        space = opened.spaces.get(named[modality]) if modality in named else first.get(modality)
        if space is None:
            raise TrainingError(
                f"{modality} has no features to learn from; encode it first "
                f"(`xview encode --modality {modality}`)"
            )
        found[modality] = space
    return found


def _class_vectors(
    row: System, dataset: Dataset, data: TrainingData
) -> tuple[AnyArray | None, AnyArray | None]:
    """Embeddings of the classes trained on and of all others, where the system needs them.

    Classes held out to validate by count among the others: what a system does for classes without items
    can only be validated if it does it for them, too.
    """
    if not row.needs_class_vectors:
        return None, None
    if dataset.class_vectors is None:
        raise TrainingError(
            f"{row.name} needs an embedding of every class; "
            "name a file under [classes] vectors in dataset.toml"
        )
    others = np.setdiff1d(np.arange(len(dataset.classes)), data.classes)
    return dataset.class_vectors[data.classes], dataset.class_vectors[others] if len(others) else None


def _hooks(dataset: Dataset, data: TrainingData, device: torch.device, reporter: Reporter) -> Hooks:
    def measure(system: Trainable) -> dict[str, float]:
        return measures(dataset, data, lambda m, x: embedded(system, m, x, device))

    def report(place: Place, steps: int, figures: Mapping[str, float]) -> None:
        reporter.tell(place.steps, steps, f"epoch {place.epoch + (place.step > 0)}", **figures)

    return Hooks(measure, report, reporter.check)


@torch.inference_mode()
def embedded(system: Trainable, modality: str, items: AnyArray, device: torch.device) -> dict[str, Floats]:
    """(b, d) float32 by name of space, of (b, ...) inputs."""
    found = system.embed(modality, as_input(np.asarray(items), device))
    return {name: vectors.float().cpu().numpy() for name, vectors in found.items()}


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
