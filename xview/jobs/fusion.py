"""Worker tasks of the fusion dock: all queries judged, weights found on seen classes, a matrix of scores.

All take `data` and `unseen` as `xview.jobs.tasks` does, and `request`, a fusion, as
`xview.metrics.table.Request` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xview.jobs.reporter import Reporter
from xview.metrics.result_files import write_result
from xview.metrics.table import Request
from xview.spaces.library import OpenData, open_data

MIXTURE, FOUND, MATRIX = "mixture", "found", "matrix"
"""What `xview.metrics.result_files.read_result` reads from the run folders."""


def judge(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Judge every source and every mode of a fusion on all queries.

    Leaves `MIXTURE`, a `xview.metrics.fusion.Mixture`.
    """
    from xview.metrics.fusion import judge_fusion

    _, made = judge_fusion(*_asked(config), reporter.step)
    return _leave(made, run_dir, MIXTURE)


def find(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Find weights on the seen classes.

    Leaves `FOUND`, a `xview.metrics.fusion_search.Found`.
    """
    from xview.metrics.fusion_search import find_weights

    return _leave(find_weights(*_asked(config), reporter.step), run_dir, FOUND)


def matrix(config: Mapping[str, Any], run_dir: Path, reporter: Reporter) -> str:
    """Score some queries against some gallery items under every source.

    Config: `queries` and `gallery`, numbers in the task's rows, too.
    Leaves `MATRIX`, a `xview.metrics.fusion_matrix.ScoreMatrix`.
    """
    from xview.metrics.fusion import fusion_of
    from xview.metrics.fusion_matrix import score_matrix
    from xview.metrics.table import field_of
    from xview.retrieval.registry import build

    reporter.step(0, 2)
    data, request = _asked(config)
    _, graphs = field_of(data, request)
    ranker = fusion_of(build(request.ranker, graphs.field, request.settings, graphs))
    reporter.step(1, 2)
    made = score_matrix(ranker, *(np.array(config[side], dtype=np.int64) for side in ("queries", "gallery")))
    return _leave(made, run_dir, MATRIX)


def _asked(config: Mapping[str, Any]) -> tuple[OpenData, Request]:
    return open_data(config["data"], config.get("unseen")), Request.from_json(config["request"])


def _leave(result: object, run_dir: Path, name: str) -> str:
    write_result(result, run_dir, name)
    return f"{name}.json"
