import numpy as np
import pytest

from xview.errors import SettingError
from xview.retrieval.fusion import FusionSettings, Mixing
from xview.retrieval.fusion_sources import Source
from xview.session.mix import Mix, title_of

THREE = FusionSettings(
    mode="weighted", sources='knn + heterogeneous(k=9) + knn@"shared (cca)"', weights="1, 1, 2", scale="none"
)


def test_what_a_form_reads_it_writes():
    mix = Mix.of(THREE, own=True)
    np.testing.assert_allclose(mix.weights, [0.25, 0.25, 0.5])
    written = mix.settings
    assert written.weights == "0.25, 0.25, 0.5"
    assert (written.mode, written.sources, written.scale) == (THREE.mode, THREE.sources, THREE.scale)
    again = Mix.of(written, own=False)
    assert again.sources == mix.sources


def test_nothing_written_is_every_ranker_evenly():
    mix = Mix.of(FusionSettings(), own=False)
    assert mix.sources == (Source("knn"), Source("homogeneous"))
    np.testing.assert_allclose(mix.weights, [0.5, 0.5])
    np.testing.assert_allclose(
        Mix.of(FusionSettings(weights="1, 2, 3, 4"), own=True).weights, np.full(3, 1 / 3)
    )


def test_sources_come_and_go_with_their_weights():
    mix = Mix.of(THREE, own=True)
    more = mix.with_source(Source("homogeneous"))
    np.testing.assert_allclose(more.weights, [0.1875, 0.1875, 0.375, 0.25])
    np.testing.assert_allclose(more.without_source(3).weights, mix.weights)
    less = mix.without_source(2).without_source(0)
    assert less.sources == (Source("heterogeneous", "", {"k": "9"}),)
    np.testing.assert_allclose(less.weights, [1])
    assert less.without_source(0) is less
    other = mix.with_changed(1, Source("homogeneous", "shared (cca)"))
    assert other.settings.sources == 'knn + homogeneous@"shared (cca)" + knn@"shared (cca)"'


def test_dragging_takes_the_shown_weights_in_hand():
    mix = Mix.of(FusionSettings(sources="knn + homogeneous + heterogeneous"), own=True)
    taken = mix.with_dragged([0.2, 0.3, 0.5], 0, 0.6, {2})
    assert taken.mode is Mixing.WEIGHTED
    assert taken.settings.weights == "0.5, 0, 0.5"


@pytest.mark.parametrize(
    "source", [Source("knn"), Source("kn"), Source("knn", "", {"k": "3"}), Source("fusion")]
)
def test_what_cannot_be_a_source_is_refused(source):
    with pytest.raises(SettingError):
        _ = Mix.of(THREE, own=True).with_source(source).settings


def test_another_source_is_one_that_is_not_there_yet():
    mix = Mix.of(FusionSettings(sources="knn"), own=True)
    added = []
    while (source := mix.another(["b"], own=True)) is not None:
        mix = mix.with_source(source)
        added.append(str(source))
    assert added == [
        "homogeneous", "heterogeneous", 'knn@"b"', 'homogeneous@"b"', 'heterogeneous@"b"',
    ]  # fmt: skip
    assert (
        str(Mix.of(FusionSettings(sources="knn + homogeneous"), own=False).another(["b"], own=False))
        == 'knn@"b"'
    )


def test_titles_are_words():
    titles = [title_of(source) for source in Mix.of(THREE, own=True).sources]
    assert titles == ["k-NN", "Heterogeneous (k=9)", "k-NN · shared (cca)"]
