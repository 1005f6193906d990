"""A checkpoint: weights, optimisers, place in the curve and provenance in one file, written whole or not."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from xview import __version__
from xview.errors import CheckpointError, SettingError
from xview.models.registry import find
from xview.models.trainable import Facts, Trainable
from xview.models.weights import read_weights
from xview.settings import Settings

_HEADER = "xview"
_MAX_HEADER = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a checkpoint was made of, as plain JSON.

    Attributes:
        system: Name in the registry.
        config: Of the system, by key.
        training: `TrainSettings`, by key.
        facts: `Facts.to_json`.
        data: `Dataset.fingerprint`.
        source: What `open_dataset` was given.
        unseen: Classes held out.
        features: By modality, what its inputs were: a space's fingerprint, or "pictures".
        versions: Of xview, torch and Python.
        threads: torch's; sums round differently with another number.
    """

    system: str
    config: Mapping[str, Any]
    training: Mapping[str, Any]
    facts: Mapping[str, Any]
    data: str
    source: str
    unseen: tuple[str, ...]
    features: Mapping[str, str]
    versions: Mapping[str, str] = field(default_factory=lambda: _versions())
    threads: int = field(default_factory=torch.get_num_threads)


def _versions() -> dict[str, str]:
    return {"xview": __version__, "torch": str(torch.__version__), "python": platform.python_version()}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the curve a run stands.

    Attributes:
        epoch, step: The next batch to learn from.
        steps: Batches learnt from so far.
        best: Largest validation mAP so far, None before the first.
        best_epoch: After how many epochs that was.
        sums: Sum of each loss since the last report, over `summed` steps.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 0
    best: float | None = None
    best_epoch: int = 0
    sums: Mapping[str, float] = field(default_factory=dict)
    summed: int = 0


@dataclass(frozen=True)
class Header:
    """The JSON of a checkpoint, readable without its tensors."""

    origin: Origin
    place: Place


def save(path: Path, system: Trainable, origin: Origin, place: Place, *, resumable: bool = True) -> None:
    """Write a checkpoint; `resumable` with the state of optimisers and random numbers.

    Raises:
        CheckpointError: The file cannot be written, such as on a full disk; what was there before stays.
    """
    tensors = {f"model/{name}": value for name, value in system.state_dict().items()}
    header: dict[str, Any] = {"origin": asdict(origin), "place": asdict(place)}
    if resumable:
        header["groups"], header["schedulers"] = {}, {}
        for name, optimiser in system.optimisers.items():
            state = optimiser.state_dict()
            header["groups"][name] = state["param_groups"]
            for index, slots in state["state"].items():
                tensors |= {f"optimiser/{name}/{index}/{slot}": _tensor(v) for slot, v in slots.items()}
        for name, scheduler in system.schedulers.items():
            header["schedulers"][name] = scheduler.state_dict()
        tensors |= {f"random/{device}": state for device, state in _random_states().items()}
    part = path.with_name(f".{path.name}.part")
    try:
        plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        save_file(plain, part, metadata={_HEADER: json.dumps(header)})
        part.replace(path)
    except (OSError, SafetensorError) as error:
        part.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"{path}: the checkpoint cannot be written ({reason}); "
            "free some space and resume from the last one"
        ) from error


def _tensor(value: object) -> Tensor:
    return value if isinstance(value, Tensor) else torch.tensor(value)


def _random_states() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def read_header(path: Path) -> Header:
    """What a checkpoint says of itself; its tensors stay on disk.

    Raises:
        CheckpointError: Missing, damaged, or none of ours.
    """
    told = _read_json(path)
    try:
        origin = dict(told["origin"]) | {"unseen": tuple(told["origin"]["unseen"])}
        return Header(Origin(**origin), Place(**told["place"]))
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            f"{path}: its header lacks {error}; it was written by another version"
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        told: dict[str, Any] = json.loads(metadata[_HEADER])
    except (OSError, SafetensorError, ValueError) as error:
        raise CheckpointError(f"{path}: no checkpoint that can be read ({error})") from error
    except KeyError:
        raise CheckpointError(
            f"{path}: weights without the header of an xview checkpoint; load them with `--weights`"
        ) from None
    return told


def build(header: Header) -> Trainable:
    """The system of a checkpoint, untrained.

    Raises:
        CheckpointError: This version knows no such system or setting.
    """
    origin = header.origin
    try:
        row = find(origin.system)
        config: Settings = row.config().from_mapping(origin.config)
    except SettingError as error:
        raise CheckpointError(f"the checkpoint cannot be read by this version: {error}") from error
    system: Trainable = row.load().build(config, Facts.from_json(origin.facts))
    return system


def load(path: Path) -> tuple[Trainable, Header]:
    """The trained system of a checkpoint, on the CPU, in evaluation mode.

    Raises:
        CheckpointError: Missing, damaged, or not what its header says.
    """
    header = read_header(path)
    system = build(header)
    _refill(system, path, header)
    return system.eval(), header


def _refill(system: Trainable, path: Path, header: Header) -> None:
    """`fill` by a checkpoint of the very system; if it does not fit, its layers have changed since."""
    try:
        fill(system, _tensors(path, "model/"), str(path))
    except CheckpointError as error:
        name, run = header.origin.system, path.parent.name
        raise CheckpointError(
            f"{error}. The layers of {name} have changed since it was trained: train it again "
            f"(`xview train DATA --system {name}`) and delete the run (`xview runs delete {run}`)"
        ) from None


def _tensors(path: Path, prefix: str) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {n.removeprefix(prefix): file.get_tensor(n) for n in file.keys() if n.startswith(prefix)}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: damaged ({error})") from error


def resume(path: Path, system: Trainable, origin: Origin) -> Place:
    """Put a system, its optimisers and the random numbers where a checkpoint left them.

    Raises:
        CheckpointError: It belongs to another system, data, split or dimensions; the message says which.
    """
    header = read_header(path)
    check_same(path, header.origin, origin)
    _refill(system, path, header)
    told = _read_json(path)
    slots = _tensors(path, "optimiser/")
    for name, optimiser in system.optimisers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in slots.items():
            owner, index, slot = key.rsplit("/", 2)
            if owner == name:
                state.setdefault(int(index), {})[slot] = value
        groups = told["groups"][name]
        optimiser.load_state_dict({"state": state, "param_groups": groups})
    for name, scheduler in system.schedulers.items():
        scheduler.load_state_dict(told["schedulers"][name])
    random = _tensors(path, "random/")
    torch.set_rng_state(random["cpu"])
    if "cuda" in random and torch.cuda.is_available():
        torch.cuda.set_rng_state(random["cuda"])
    return header.place


def check_same(path: Path, found: Origin, wanted: Origin) -> None:
    """Refuse a checkpoint that is not of this system, data, class split and inputs.

    Raises:
        CheckpointError: With the reason.
    """
    told = json.loads(json.dumps(asdict(wanted)))
    have = json.loads(json.dumps(asdict(found)))
    for what, words in (
        ("system", "another system"),
        ("data", "other data"),
        ("unseen", "another class split"),
        ("facts", "inputs of other dimensions, or other modalities"),
        ("features", "other features"),
        ("config", "other settings of the system"),
        ("training", "other training settings"),
    ):
        if have[what] != told[what] and not (what == "training" and _only_longer(have[what], told[what])):
            raise CheckpointError(f"{path}: made with {words} ({_difference(have[what], told[what])})")


def _only_longer(have: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """A run may be resumed for more epochs than it was started with."""
    return {**have, "epochs": 0} == {**told, "epochs": 0}


def _difference(have: object, told: object) -> str:
    if isinstance(have, Mapping) and isinstance(told, Mapping):
        keys = [k for k in {**have, **told} if have.get(k) != told.get(k)]
        return ", ".join(f"{k}: {have.get(k)} there, {told.get(k)} here" for k in keys[:3])
    return f"{have} there, {told} here"


def fill(system: Trainable, weights: Mapping[str, Tensor], what: str) -> None:
    """Load a state dict of exactly the system's tensors.

    Raises:
        CheckpointError: Missing, unexpected or misshapen tensors, all of them named.
    """
    own = system.state_dict()
    missing = [name for name in own if name not in weights]
    unexpected = [name for name in weights if name not in own]
    misshapen = [
        f"{name} {tuple(weights[name].shape)} instead of {tuple(own[name].shape)}"
        for name in own
        if name in weights and weights[name].shape != own[name].shape
    ]
    faults = [
        f"{kind}: {', '.join(names)}"
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("misshapen", misshapen))
        if names
    ]
    if faults:
        raise CheckpointError(f"{what}: does not fit the system; {'; '.join(faults)}")
    system.load_state_dict(dict(weights))


def load_weights(path: Path, system: Trainable) -> None:
    """Fill a system from weights made elsewhere: .safetensors, or a torch file that holds tensors only.

    Raises:
        DataError: Cannot be read safely.
        CheckpointError: Missing, unexpected or misshapen tensors, all of them named.
    """
    weights = {name.removeprefix("model/"): value for name, value in read_weights(path).items()}
    fill(system, {n: v for n, v in weights.items() if not n.startswith(("optimiser/", "random/"))}, str(path))
