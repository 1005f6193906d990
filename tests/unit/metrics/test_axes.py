import pytest

from xview.errors import SettingError
from xview.metrics.axes import Axis, make_axis, numbers, parse_axis, spaced
from xview.retrieval.knn import KnnSettings
from xview.retrieval.walk_settings import WalkSettings


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lambda=0:1:0.25", (0, 0.25, 0.5, 0.75, 1)),
        ("lambda=0:1:0.1", (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)),  # not 0.30000000000000004
        ("lambda = 0 : 0.5 : 0.3", (0, 0.3)),  # the steps pass over the end
        ("alpha=.5:.99:.05", (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)),
        ("k=20, 5,10,5", (5, 10, 20)),
        ("k=7", (7,)),
        ("lambda=0:1/3", (0, 0.5, 1)),
        ("k=2:5/10", (2, 3, 4, 5)),  # whole numbers that fall together count once
        ("n_trunc=10:1000/3", (10, 100, 1000)),  # even in the logarithm
        ("alpha=.9:.999/3", (0.9, 0.99, 0.999)),  # even toward 1
    ],
)
def test_an_axis_reads_as_it_is_written(text, values):
    axis = parse_axis(WalkSettings, text)
    assert axis.key == text.partition("=")[0].strip()
    assert axis.values == pytest.approx(values, abs=1e-12)
    if axis.key != "alpha":
        assert [str(float(v)) for v in axis.values] == [str(float(v)) for v in values]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lambda", "KEY=START:STOP:STEP"),
        ("lambda=", "KEY=START:STOP:STEP"),
        ("lambda=0:1", "KEY=START:STOP:STEP"),
        ("lambda=0:1:2:3", "KEY=START:STOP:STEP"),
        ("lambda=0:1:none", "KEY=START:STOP:STEP"),
        ("lambda=0:1/some", "KEY=START:STOP:STEP"),
        ("lambda=1:0:0.1", "steps rise"),
        ("lambda=0:1:0", "steps rise"),
        ("lambda=0:nan:0.1", "steps rise"),
        ("lambda=0:1:1e-9", "1 to 1,000 values"),
        ("lambda=0:2:0.5", "lambda must lie from 0 to 1"),
        ("k=1:3:0.5", "k must be int"),
        ("alpha=0.9:0.5/4", "from a smaller number to a larger"),
        ("alpha=0.5:0.9/1", "2 to 1,000 values"),
        ("lamda=0:1:0.1", "did you mean 'lambda'"),
        ("links=0,1", "no number 'links'"),
    ],
)
def test_what_is_no_axis_is_said_plainly(text, told):
    with pytest.raises(SettingError, match=told.replace("(", r"\(")):
        parse_axis(WalkSettings, text)


def test_only_numbers_can_be_swept_over():
    keys = [parameter.key for parameter in numbers(WalkSettings)]
    assert keys == ["lambda", "alpha", "gamma", "k", "k_q", "n_trunc", "tol"]
    with pytest.raises(SettingError, match="this ranker has none"):
        make_axis(KnnSettings, "k", [1])


def test_whole_numbers_stay_whole():
    for axis in (spaced(WalkSettings, "k", 2, 100, 12), parse_axis(WalkSettings, "k=5,10.0")):
        assert all(isinstance(value, int) for value in axis.values)
    assert Axis("k", (5, 10)) == parse_axis(WalkSettings, "k=5,10.0")
