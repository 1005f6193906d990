"""The `cca` baseline over a data set: a shared space before anything is trained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from xview.arrays import AnyArray
from xview.data.records import Collection, Dataset
from xview.models.projections import Projections
from xview.models.systems import cca
from xview.spaces.cache import cache_file, cached
from xview.spaces.provenance import made_of, reduction_of
from xview.spaces.space import EmbeddingSpace


def fit_space(
    dataset: Dataset, spaces: Mapping[str, EmbeddingSpace], config: cca.Config = cca.DEFAULT
) -> EmbeddingSpace:
    """Fit cca on the seen items and project every item; cached by vectors, split and config.

    Args:
        dataset: Its labels and instances say what corresponds, its split what may be learnt from.
        spaces: By modality, the space that holds the features to project.
        config: See `cca.Config`.

    Returns:
        A shared space of all modalities of `spaces`; its `made_by` names the file of projections that
        places pictures and texts from outside.

    Raises:
        SpaceError: Fewer than two modalities, or too little that corresponds among the seen items.
    """
    collections = {m: dataset.collection(m) for m in spaces}
    features = {m: space.parts[m] for m, space in spaces.items()}
    key = _key(dataset, spaces, config)
    kept = cached(key, lambda: fit_seen(collections, features, config).to_arrays())
    projections = Projections.from_arrays(kept)
    return EmbeddingSpace(
        name="shared (cca)",
        parts={m: projections.apply(m, features[m]) for m in features},
        made_by={
            "system": "cca",
            **config.to_mapping(),
            "projections": str(cache_file(key)),
            "encoder": {m: made_of(space, m, "encoder") for m, space in spaces.items()},
            "reduction": {m: reduction_of(space, m) for m, space in spaces.items()},
        },
    )


def fit_seen(
    collections: Mapping[str, Collection], features: Mapping[str, AnyArray], config: cca.Config
) -> Projections:
    """Fit cca on the items training may look at; errors as in `fit_space`."""
    rows = {m: np.ones(len(c), np.bool_) if c.seen is None else c.seen for m, c in collections.items()}
    instances = {m: c.instances[rows[m]] for m, c in collections.items() if c.instances is not None}
    return cca.fit(
        {m: features[m][rows[m]] for m in collections},
        {m: c.labels[rows[m]] for m, c in collections.items()},
        instances if len(instances) == len(collections) else None,
        config,
    )


def _key(dataset: Dataset, spaces: Mapping[str, EmbeddingSpace], config: cca.Config) -> str:
    """Everything the projections depend on."""
    digest = hashlib.sha256(json.dumps([dataset.fingerprint, config.to_mapping()]).encode())
    for modality, space in spaces.items():
        collection = dataset.collection(modality)
        digest.update(f"{modality} {space.fingerprint}".encode())
        for column in (collection.seen, collection.instances):
            digest.update(b"-" if column is None else column.tobytes())
    return f"cca {dataset.name} {digest.hexdigest()}"
