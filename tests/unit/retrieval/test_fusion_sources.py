import pytest

from xview.errors import SettingError
from xview.retrieval.fusion import FusionSettings
from xview.retrieval.fusion_sources import Source, parse_sources, write_sources
from xview.retrieval.knn import KnnSettings
from xview.retrieval.registry import check_source, sources_of, spaces_read


def test_sources_are_read_as_written():
    text = 'knn+heterogeneous( lambda = 0.3,k=50 ) + knn@"a + b (cca)" + homogeneous @ "c"(k=9)'
    assert parse_sources(text) == {
        "knn": Source("knn"),
        "heterogeneous( lambda = 0.3,k=50 )": Source("heterogeneous", "", {"lambda": "0.3", "k": "50"}),
        'knn@"a + b (cca)"': Source("knn", "a + b (cca)"),
        'homogeneous @ "c"(k=9)': Source("homogeneous", "c", {"k": "9"}),
    }


def test_what_is_written_is_read_back():
    sources = [
        Source("knn"),
        Source("knn", "a + b (cca)"),
        Source("heterogeneous", "c", {"lambda": "0.3", "k": "5"}),
    ]
    assert list(parse_sources(write_sources(sources)).values()) == sources


@pytest.mark.parametrize(
    "sources",
    [[Source("knn"), Source("knn")], [Source("knn", 'a "b"')], [Source("walk", "", {"k": "1) + (2"})]],
)
def test_what_could_not_be_read_back_is_not_written(sources):
    with pytest.raises(SettingError):
        write_sources(sources)


def test_sources_fall_back_to_the_rankers_the_spaces_allow():
    assert list(sources_of(FusionSettings(), own=True)) == ["knn", "homogeneous", "heterogeneous"]
    assert list(sources_of(FusionSettings(), own=False)) == ["knn", "homogeneous"]
    assert list(sources_of(FusionSettings(sources="knn(k=3)"), own=True)) == ["knn(k=3)"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source("kn"), "did you mean 'knn'"),
        (Source("fusion"), "its own source"),
        (Source("heterogeneous", "", {"alpa": "1"}), "did you mean 'alpha'"),
        (Source("heterogeneous", "", {"lambda": "2"}), "from 0 to 1"),
    ],
)
def test_a_source_no_space_could_rank_is_told(source, message):
    with pytest.raises(SettingError, match=message):
        check_source(source)
    check_source(Source("heterogeneous", "anywhere", {"k": "9"}))


def test_spaces_a_fusion_reads_are_known():
    settings = FusionSettings(sources='knn@"b" + knn + homogeneous@"a" + heterogeneous@"b"')
    assert spaces_read(settings) == ("b", "a")
    assert spaces_read(FusionSettings(sources="knn@@")) == ()
    assert spaces_read(FusionSettings()) == spaces_read(KnnSettings()) == ()
