"""The worker's task of comparing spaces, on a folder data set."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.unit.metrics.problems import write_folder
from tests.unit.spaces.runs import write_run
from xview.data.open import open_dataset
from xview.errors import SpaceError
from xview.jobs.compare import neighbours
from xview.jobs.reporter import Reporter
from xview.metrics.kept import kept_neighbours
from xview.spaces.library import open_data
from xview.spaces.trained import runs_folder


def test_neighbours_kept_from_the_data_s_space_to_a_run_s(tmp_path, user_folders):
    source = write_folder(tmp_path / "pairs", shared={"system": "test"})
    write_run(runs_folder() / "run 1", open_dataset(source))
    (tmp_path / "job").mkdir()
    steps = []
    config = {"data": str(source), "unseen": None, "a": "shared", "b": "run 1", "k": 4}
    assert neighbours(config, tmp_path / "job", Reporter(steps.append)) == "kept.safetensors"
    kept = load_file(tmp_path / "job" / "kept.safetensors")["kept"]
    spaces = open_data(source).spaces
    both = [np.concatenate([spaces[n].unit(m) for m in ("sketches", "photos")]) for n in ("shared", "run 1")]
    np.testing.assert_array_equal(kept, kept_neighbours(*both, 4))
    assert kept.shape == (96,) and [(step.done, step.total) for step in steps][-1] == (100, 100)

    with pytest.raises(SpaceError, match="no space 'run 2' any more"):
        neighbours({**config, "b": "run 2"}, tmp_path / "job", Reporter(steps.append))
