"""What a run is measured by while it learns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xview.arrays import AnyArray, Floats
from xview.data.records import Dataset
from xview.metrics.validation import mean_map
from xview.models.trainable import OWN
from xview.spaces.trained import embed_all
from xview.training.data import TrainingData
from xview.training.names import SELECT, UNSEEN


def measures(
    dataset: Dataset, data: TrainingData, embed: Callable[[str, AnyArray], Mapping[str, Floats]]
) -> dict[str, float]:
    """`SELECT` and `UNSEEN`, from 0 to 1, each where there are items to measure it on.

    Args:
        dataset: Decides what is relevant.
        data: Inputs, and which of them were held out.
        embed: (modality, (b, ...) inputs) -> (b, d) by name of space; the first shared one is measured.
    """
    found = {}
    for name, rows in ((SELECT, data.validation), (UNSEEN, data.unseen)):
        if all(len(chosen) for chosen in rows.values()):
            vectors = embed_all(lambda m, at: embed(m, data.inputs[m][at]), rows)
            shared = next(parts for name, parts in vectors.items() if name != OWN)
            found[name] = mean_map(dataset, shared, rows)
    return found
