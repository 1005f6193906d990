"""Training without epochs: a system in closed form is solved at once on the items another would learn from.

Leaves `projections.safetensors`, which places pictures and texts from outside, and `spaces/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from xview.arrays import AnyArray
from xview.data.records import Dataset
from xview.jobs.measures import measures
from xview.jobs.reporter import Reporter
from xview.models.projections import Examples, Projections, save
from xview.models.registry import System
from xview.settings import Settings
from xview.spaces.library import unseen_classes
from xview.spaces.provenance import made_of, reduction_of
from xview.spaces.space import EmbeddingSpace
from xview.spaces.trained import write_spaces
from xview.training.data import TrainingData

PROJECTIONS = "projections.safetensors"


def solve(
    row: System,
    settings: Settings,
    dataset: Dataset,
    sources: Mapping[str, EmbeddingSpace],
    data: TrainingData,
    class_vectors: AnyArray | None,
    reporter: Reporter,
) -> Projections:
    """Solve a system on the training items' vectors as their space holds them, and report what it measures.

    Raises:
        SpaceError: The system cannot be solved on these items; the message says why.
    """
    data = replace(data, inputs={m: space.parts[m] for m, space in sources.items()})
    found: Projections = row.load().solve(
        settings,
        Examples(
            features={m: data.inputs[m][rows] for m, rows in data.train.items()},
            classes={m: data.labels[m][rows] for m, rows in data.train.items()},
            instances={m: data.instances[m][rows] for m, rows in data.train.items()},
            class_vectors=class_vectors,
        ),
    )
    reporter.tell(1, 1, "solved", **measures(dataset, data, lambda m, x: {row.name: found.apply(m, x)}))
    return found


def keep(
    name: str,
    row: System,
    settings: Settings,
    seed: int,
    dataset: Dataset,
    sources: Mapping[str, EmbeddingSpace],
    projections: Projections,
    run_dir: Path,
) -> str:
    """Leave the projections and a shared space called `name` over all items; result is the former's file.

    Raises:
        OSError: The folder cannot be written.
    """
    save(projections, run_dir / PROJECTIONS)
    space = EmbeddingSpace(
        name=name,
        parts={m: projections.apply(m, source.parts[m]) for m, source in sources.items()},
        made_by={
            "system": row.name,
            **settings.to_mapping(),
            "seed": seed,
            "data": dataset.fingerprint,
            "projections": str((run_dir / PROJECTIONS).absolute()),
            "encoder": {m: made_of(source, m, "encoder") for m, source in sources.items()},
            "reduction": {m: reduction_of(source, m) for m, source in sources.items()},
        },
    )
    write_spaces(run_dir, dataset, sorted(unseen_classes(dataset)), [space])
    return PROJECTIONS
