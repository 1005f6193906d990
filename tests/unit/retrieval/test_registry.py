import subprocess
import sys

import numpy as np
import pytest

from tests.unit.retrieval.fields import make_field
from xview.errors import SettingError, SpaceError
from xview.retrieval.base import Query
from xview.retrieval.registry import RANKERS, build, ranker_kind

FIELD = make_field()


@pytest.mark.parametrize("name", RANKERS)
def test_every_ranker_answers_as_the_contract_says(name):
    ranker = build(name, FIELD)
    told = []
    ranker.prepare(told.append)
    ranking = ranker.rank(Query.item(1))
    assert ranking.scores.shape == (70,) and ranking.scores.dtype == np.float64
    assert np.isfinite(ranking.scores).all()
    np.testing.assert_allclose(sum(ranking.parts.values()), ranking.scores, atol=1e-12)
    np.testing.assert_allclose(ranker.score_matrix(np.arange(3))[1], ranking.scores, atol=1e-6)
    best = int(ranking.order[0])
    assert ranker.explain(Query.item(1), best).score == pytest.approx(ranking.scores[best], rel=1e-4)


@pytest.mark.parametrize("name", RANKERS)
def test_settings_survive_as_text(name):
    settings = RANKERS[name].settings()
    as_text = {key: str(value) for key, value in settings.to_mapping().items()}
    assert type(settings).from_mapping(as_text) == settings
    assert all(p.help for p in settings.parameters())


def test_rankers_that_need_single_modal_spaces_say_so():
    field = make_field(x_own=None, y_own=None)
    for name, kind in RANKERS.items():
        if kind.needs_own:
            with pytest.raises(SpaceError, match="no single-modal space"):
                build(name, field)
        else:
            build(name, field)


def test_an_unknown_ranker_is_named_with_the_nearest_one():
    with pytest.raises(SettingError, match="did you mean 'heterogeneous'"):
        ranker_kind("hetrogeneous")


def test_the_table_loads_nothing_heavy():
    heavy = "{'torch', 'numba', 'umap', 'sklearn'}"
    code = f"import sys, xview.retrieval.registry; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
