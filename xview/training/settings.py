"""What a training run may be told besides its system's own `Config`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xview.settings import Settings, setting


class Device(StrEnum):
    """Where tensors live; auto takes the first of CUDA, MPS, CPU there is."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Precision(StrEnum):
    """Arithmetic of the networks; weights are float32 in both."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class ValidateOn(StrEnum):
    """What is held out of the seen classes to choose a checkpoint by."""

    INSTANCES = "instances"
    CLASSES = "classes"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings(Settings):
    """Equal values, system, data and machine give equal weights, byte for byte, on a CPU."""

    epochs: int = setting(30, low=1, high=100_000, help="Passes over the items of the largest modality")
    seed: int = setting(0, low=0, high=2**31 - 1, help="Seeds weights, batches, noise and validation split")
    device: Device = setting(Device.AUTO, help="Processor; auto takes CUDA or MPS where there is one")
    precision: Precision = setting(Precision.FLOAT32, help="Arithmetic of the networks")
    validation: float = setting(
        0.1, low=0, high=0.5, help="Share of the seen instances or classes held out to choose the best epoch"
    )
    validate_on: ValidateOn = setting(
        ValidateOn.INSTANCES, help="Hold out instances of every seen class, or whole seen classes"
    )
