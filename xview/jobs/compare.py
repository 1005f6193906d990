"""What two spaces have in common, measured in a worker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xview.errors import SpaceError
from xview.jobs.reporter import Reporter


def neighbours(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """How many of its neighbours every item keeps from one shared space to another.

    Config: `data` (what `open_dataset` takes), `unseen` (classes held out instead of the data's own split, or
    null), `a` and `b` (spaces by name), `k`.
    Leaves `kept.safetensors` with `kept`, (n,) float64: the items of the modalities that both hold, in A's
    order, one modality after another.
    """
    from safetensors.numpy import save_file

    from xview.metrics.kept import kept_between
    from xview.spaces.library import open_data

    spaces = open_data(config["data"], config.get("unseen")).spaces
    for name in (config["a"], config["b"]):
        if name not in spaces:
            raise SpaceError(f"no space {name!r} any more (known: {', '.join(spaces) or 'none'})")
    kept = kept_between(
        spaces[config["a"]],
        spaces[config["b"]],
        config["k"],
        lambda share: reporter.step(round(100 * share), 100),
    )
    part = run_dir / ".kept.safetensors.part"
    save_file({"kept": kept}, part)
    part.replace(run_dir / "kept.safetensors")
    return "kept.safetensors"
