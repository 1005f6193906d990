"""Open data with its spaces: the one way in for window, command line and workers.

Decisions
    2026-11-22  A shared space fitted by `cca` is fitted again when the user holds out other classes: the
                shipped one has seen them. Data without any shared space gets one fitted, to be queried in.
    2026-11-22  Pictures and texts without vectors are looked for among what was encoded before, so opening
                data again after `encode` finds its spaces; opening itself never encodes.
    2026-11-22  Under another split a space trained for the data's own one is left out, not trained again:
                that takes minutes, and the user decides when. Finished runs of the very split are found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xview.data.open import open_dataset
from xview.data.records import Dataset, Kind
from xview.errors import DataError, SpaceError
from xview.models import encoders
from xview.spaces.baseline import fit_space
from xview.spaces.encode import find_encoded
from xview.spaces.provenance import checkpoint_of
from xview.spaces.space import EmbeddingSpace, load_space
from xview.spaces.trained import find_spaces

BASELINE = "cca"
ENCODERS = {Kind.IMAGE: encoders.IMAGE_DEFAULT, Kind.TEXT: encoders.TEXT_DEFAULT}


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenData:
    """A data set with its spaces.

    Attributes:
        dataset: Items.
        spaces: Every space that could be loaded, by name: the data's own in its order, then those of
            finished runs, oldest first.
        problems: Why the others could not, in sentences.
        to_encode: Encoder by modality, for pictures and texts that have no vectors yet.
    """

    dataset: Dataset
    spaces: Mapping[str, EmbeddingSpace]
    problems: tuple[str, ...] = ()
    to_encode: Mapping[str, str] = field(default_factory=dict)


def open_data(source: str | Path, unseen: Sequence[str] | None = None, *, trained: bool = True) -> OpenData:
    """Open a data set and its spaces.

    Args:
        source: Bundled name, folder or file.
        unseen: Classes to hold out instead of the data's own split.
        trained: Whether to keep what was trained; without it the baseline is the shared space, as it can
            be fitted under every split.

    Raises:
        DataError: The data cannot be read, or a held-out class is none of its own.
    """
    dataset = open_dataset(source)
    other_split = unseen is not None and set(unseen) != unseen_classes(dataset)
    if unseen is not None:
        dataset = dataset.with_unseen(unseen)
    spaces, problems = _declared(dataset)
    if other_split or not trained:
        problems += _drop_trained(spaces)
    to_encode = _add_encoded(dataset, spaces)
    stale = [name for name, space in spaces.items() if _fitted_here(space)] if other_split else []
    if stale or not any(space.shared for space in spaces.values()):
        for name in stale or [f"shared ({BASELINE})"]:
            spaces.pop(name, None)
            problems += _fit(dataset, spaces, name)
    if trained:
        of_runs, damaged = find_spaces(dataset, unseen_classes(dataset), spaces)
        spaces |= of_runs
        problems += damaged
    return OpenData(dataset=dataset, spaces=spaces, problems=tuple(problems), to_encode=to_encode)


def _declared(dataset: Dataset) -> tuple[dict[str, EmbeddingSpace], list[str]]:
    """The spaces the data names, and why some of them cannot be loaded."""
    spaces: dict[str, EmbeddingSpace] = {}
    problems = []
    for name in dataset.spaces:
        try:
            space = load_space(dataset, name)
            for modality in space.modalities:
                space.unit(modality)
        except (DataError, SpaceError) as error:
            problems.append(str(error))
        else:
            spaces[name] = space
    return spaces, problems


def _drop_trained(spaces: dict[str, EmbeddingSpace]) -> list[str]:
    """Take out of `spaces` what was trained, and say so."""
    dropped = [name for name, space in spaces.items() if checkpoint_of(space) is not None]
    return [
        f"space {name!r} was trained by {spaces.pop(name).made_by.get('system')} on classes that another "
        "split holds out; train again under that split to compare"
        for name in dropped
    ]


def _add_encoded(dataset: Dataset, spaces: dict[str, EmbeddingSpace]) -> dict[str, str]:
    """Add what was encoded before to `spaces`; the default encoder by modality for what was not."""
    missing = {}
    covered = single_modal(spaces)
    for modality, collection in dataset.collections.items():
        encoder = ENCODERS.get(collection.kind)
        if encoder is None or modality in covered or modality in spaces:
            continue
        try:
            vectors = find_encoded(collection, encoder)
        except DataError:  # an item without a picture or text
            continue
        if vectors is None:
            missing[modality] = encoder
        else:
            spaces[modality] = EmbeddingSpace(
                name=modality, parts={modality: vectors}, made_by={"encoder": encoder}
            )
    return missing


def unseen_classes(dataset: Dataset) -> set[str]:
    """Names of the classes with an item that training may not look at."""
    held: set[str] = set()
    for collection in dataset.collections.values():
        if collection.seen is not None:
            labels = collection.labels[~collection.seen & (collection.labels >= 0)]
            held.update(dataset.classes[label] for label in set(labels.tolist()))
    return held


def single_modal(spaces: Mapping[str, EmbeddingSpace]) -> dict[str, EmbeddingSpace]:
    """The features of each modality: its first single-modal space that no training made."""
    found: dict[str, EmbeddingSpace] = {}
    for space in spaces.values():
        if not space.shared and checkpoint_of(space) is None:
            found.setdefault(space.modalities[0], space)
    return found


def _fitted_here(space: EmbeddingSpace) -> bool:
    return space.shared and space.made_by.get("system") == BASELINE


def _fit(dataset: Dataset, spaces: dict[str, EmbeddingSpace], name: str) -> list[str]:
    """Add the fitted baseline to `spaces`; the reason where that cannot be."""
    own = single_modal(spaces)
    if len(own) < 2:
        return []
    try:
        spaces[name] = replace(fit_space(dataset, own), name=name)
    except SpaceError as error:
        return [f"no shared space could be fitted: {error}"]
    return []
