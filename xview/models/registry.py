"""Every system by name. Listing them imports neither torch nor Qt."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType

from xview.errors import SettingError, nearest_name
from xview.settings import Settings


class Role(StrEnum):
    """What a system gives the rest of xview."""

    JOINT_EMBEDDER = "joint-embedder"  # items of several modalities -> one space
    COMPOSER = "composer"  # a picture and an instruction -> where the modified picture belongs


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table.

    Attributes:
        name: What the command line and files call it.
        role: What it gives.
        module: Where it lives; imported by `load` only.
        source: What it follows.
        title: What the window calls it.
        summary: One line for someone who chooses.
        modalities: Fewest and most modalities it takes; no most is 0.
        needs_class_vectors: Whether it learns from embeddings of the classes, too.
        closed_form: Solved at once, without epochs.
        pictures: Whether it can learn from the pictures themselves, without features.
        texts_last: Whether the last modality it takes is of texts, where the data has any.
    """

    name: str
    role: Role
    module: str
    source: str
    title: str
    summary: str
    modalities: tuple[int, int] = (2, 0)
    needs_class_vectors: bool = False
    closed_form: bool = False
    pictures: bool = False
    texts_last: bool = False

    def load(self) -> ModuleType:
        """Import the system's module, with torch for all but those in closed form."""
        return importlib.import_module(self.module)

    def config(self) -> type[Settings]:
        """Its hyperparameters; imports nothing heavy."""
        found: type[Settings] = importlib.import_module(f"xview.models.configs.{self.name}").Config
        return found


_ALL = (
    System(
        "cca",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.cca",
        "Kettenring 1971; Hardoon et al. 2004; Rasiwasia et al. 2014",
        "CCA",
        "Baseline in closed form: directions in which corresponding items agree",
        closed_form=True,
    ),
    System(
        "ridge",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.ridge",
        "Hoerl and Kennard 1970; Romera-Paredes and Torr 2015",
        "Ridge",
        "Baseline in closed form: linear regression of each modality onto the classes' embeddings",
        needs_class_vectors=True,
        closed_form=True,
    ),
    System(
        "two_stream",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.two_stream",
        "Yang et al. 2020, AAAI, section 4.2",
        "Two-stream",
        "Classification and batch-hard triplets, from pixels or features; gives single-modal spaces, too",
        pictures=True,
    ),
    System(
        "lcale",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.lcale",
        "Lin et al. 2020, LCALE",
        "LCALE",
        "Variational autoencoders of every modality and of the classes, aligned in their latent space",
        needs_class_vectors=True,
    ),
    System(
        "jfse",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.jfse",
        "Xu et al. 2022, JFSE",
        "JFSE",
        "Adversarial synthesis of features from class embeddings, also of classes never seen",
        needs_class_vectors=True,
    ),
    System(
        "text_teaches_image",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.text_teaches_image",
        "Dong et al. 2020, Using Text to Teach Image Retrieval, section 3.1",
        "Text teaches image",
        "Every image chooses its text among a batch; the space that geodesics over images and texts walk in",
        modalities=(2, 2),
        pictures=True,
        texts_last=True,
    ),
    System(
        "rrf_net",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.rrf_net",
        "Liu 2018, thesis, chapter 5",
        "RRF-Net",
        "Recurrent residual fusion, trained with a bi-directional ranking loss",
    ),
    System(
        "cycle_match",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.cycle_match",
        "Liu 2018, thesis, chapter 6",
        "CycleMatch",
        "Translates each of two modalities into the other and back; three spaces for late fusion",
        modalities=(2, 2),
    ),
    System(
        "mmc_net",
        Role.JOINT_EMBEDDER,
        "xview.models.systems.mmc_net",
        "Liu 2018, thesis, chapter 7",
        "MMC-Net",
        "Matching and classification of pairs together; gives class evidence beside its space",
        modalities=(2, 2),
    ),
    System(
        "tirg",
        Role.COMPOSER,
        "xview.models.systems.tirg",
        "Vo et al. 2019, TIRG; Dong et al. 2020, section 3.3",
        "TIRG",
        "Modifies a picture by a sentence: its feature gated, plus a residual; plain or in a joint space",
        modalities=(1, 1),
        pictures=True,
    ),
    System(
        "relation",
        Role.COMPOSER,
        "xview.models.systems.relation",
        "Santoro et al. 2017; Dong et al. 2020, section 3.3",
        "Relation",
        "Modifies a picture by a sentence: all pairs of its parts with the words; plain or in a joint space",
        modalities=(1, 1),
        pictures=True,
    ),
)
SYSTEMS = {system.name: system for system in _ALL}
EMBEDDERS = {name: row for name, row in SYSTEMS.items() if row.role is Role.JOINT_EMBEDDER}


def find(name: str) -> System:
    """Look a system up.

    Raises:
        SettingError: No such system; the message names the nearest one.
    """
    try:
        return SYSTEMS[name]
    except KeyError:
        hint = nearest_name(name, SYSTEMS)
        raise SettingError(f"no system {name!r}{hint} (known: {', '.join(SYSTEMS)})") from None
