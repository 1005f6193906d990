"""The page: whole in itself, true to the figures, and deaf to what hostile names say."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from sklearn.manifold import trustworthiness

from tests.conformance_folder import conformance, write_folder
from xview.data.protocol import Classes, Protocol
from xview.data.records import Kind
from xview.errors import DataError, SpaceError
from xview.report import write_report
from xview.report.judge import judge
from xview.report.lambdas import lambda_curves
from xview.retrieval.field import choose_spaces
from xview.retrieval.registry import RANKERS
from xview.session.state import RankerChoice
from xview.session.workspace import open_workspace


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


HOSTILE = "\"><script>alert(1)</script><img src='http://evil.example/x' onerror=alert(2)>&amp;"
VOID = {"meta", "img", "br", "link", "input"}
SHAPES = {"path", "circle", "use"}  # written <path .../> in SVG


class Page(HTMLParser):
    """Tags, attributes and text; fails on tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[list[str]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self._cell = False
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
            self._cell = True

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data):
        self.text.append(data)
        if self._cell:
            self.cells[-1][-1] += data.strip()

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return open_workspace(write_folder(tmp_path_factory.mktemp("pair")))


@pytest.fixture(scope="module")
def html(workspace, tmp_path_factory):
    path = write_report(workspace, tmp_path_factory.mktemp("report") / "made" / "here")
    assert path.name == "index.html" and [path] == list(path.parent.iterdir())
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def assert_loads_and_runs_nothing(page):
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href", "xlink:href", "srcset", "action"):
            value = attributes.get(name)
            assert value is None or value.startswith(("#", "data:image/")), (tag, value)
        assert "url(h" not in (attributes.get("style") or "")
    policy = next(meta for meta in page.of("meta") if meta.get("http-equiv"))["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_the_page_loads_and_runs_nothing(page):
    assert_loads_and_runs_nothing(page)


def test_ids_are_unique_and_every_link_inside_arrives(page):
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    targets = [a.get("href") or a.get("xlink:href") for tag, a in page.tags if tag in ("a", "use")]
    assert targets and {target[1:] for target in targets} <= set(ids)


def test_the_table_holds_what_a_slow_count_gives(page):
    arrays = conformance()
    scores = arrays["x_cross"].astype(float) @ arrays["y_cross"].astype(float).T
    precisions = []
    for row, label in zip(scores, arrays["x_labels"], strict=True):
        hits = arrays["y_labels"][np.argsort(-row, kind="stable")] == label
        precisions.append(np.mean((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits]))
    rows = [row for row in page.cells if row[0] == "k-NN"]
    assert len(rows) == 2  # one a direction
    assert rows[0][1] == f"{np.mean(precisions):.3f}"
    assert rows[0][-2:] == ["60", "0"] and rows[1][-2:] == ["80", "0"]


def test_every_ranker_direction_space_and_definition_is_told(page):
    text = " ".join(" ".join(page.text).split())
    for kind in RANKERS.values():
        assert kind.title in text
    for wanted in ("thermal → visible", "visible → thermal", "thermal-only", "visible-only", "mINP"):
        assert wanted in text
    assert "non-interpolated average precision" in text and "Equal scores are ranked in gallery order" in text


def test_a_command_line_that_makes_it_again_is_given(page, workspace, tmp_path, monkeypatch, capsys):
    import shlex

    from xview.cli import main

    line = next(text for text in page.text if text.startswith("xview report"))
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(line)[1:]) == 0
    again = Page((tmp_path / "report" / "index.html").read_text(encoding="utf-8"))
    assert again.cells == page.cells


def test_settings_that_differ_are_in_the_command(workspace, tmp_path):
    settings = RANKERS["homogeneous"].settings.from_mapping({"k": 9, "lambda": 0.25})
    chosen = [RankerChoice("knn", RANKERS["knn"].settings()), RankerChoice("homogeneous", settings)]
    protocol = Protocol(query="visible", gallery="thermal", query_classes=Classes.ALL)
    page = write_report(workspace, tmp_path, protocol=protocol, rankers=chosen).read_text(encoding="utf-8")
    assert "--set homogeneous.lambda=0.25 --set homogeneous.k=9" in page
    assert "Heterogeneous" not in page


def test_distortion_is_told_and_drawn(page, workspace):
    text = " ".join(" ".join(page.text).split())
    (head,) = [row for row in page.cells if row[0] == "Modality" and "trustworthiness" in row]
    rows = [row for row in page.cells if len(row) == len(head) and row[0] in ("thermal", "visible")]
    assert [row[0] for row in rows] == ["thermal", "visible"]
    arrays = conformance()
    for row, side in zip(rows, ("x", "y"), strict=True):
        shared, own = (unit(arrays[f"{side}_{kind}"]) for kind in ("cross", "single"))
        assert float(row[head.index("trustworthiness")]) == pytest.approx(
            trustworthiness(own, shared, n_neighbors=10), abs=6e-4
        )
        assert row[head.index("torn")].endswith("%") and "→" in row[head.index("largest piece")]
    # two maps side by side for each modality's worst class, and two for its edges
    alts = [a["alt"] for a in page.of("img") if "Map of the space" in (a.get("alt") or "")]
    told = [alt for alt in alts if "piece" in alt or "torn edges" in alt or "false bridges" in alt]
    assert (
        len([alt for alt in told if "piece" in alt]) == len([alt for alt in told if "piece" not in alt]) == 4
    )
    assert "Spearman's rho" in text and "Modality gap between thermal and visible" in text
    drawings = [a["aria-label"] for a in page.of("svg") if a.get("role") == "img"]
    for wanted in ("quality against k", "average precision against", "mAP against lambda", "sorted scores"):
        assert len([label for label in drawings if wanted in label]) == 2, (
            wanted
        )  # one a modality or direction
    assert "weight 0." in text  # of the fusion's sources


def test_lambda_curves_wear_their_rankers_colours_and_k_nn_has_none(workspace):
    choices = [RankerChoice(name, RANKERS[name].settings()) for name in ("knn", "homogeneous")]
    protocol = Protocol(
        query="thermal", gallery="visible", query_classes=Classes.ALL, gallery_classes=Classes.ALL
    )
    spaces = choose_spaces(workspace.spaces, protocol)
    (asked, _) = judge(workspace, protocol, spaces, choices, lambda _share: None)
    shares = []
    drawing = lambda_curves(asked, 0, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1
    assert drawing.count("var(--series-0)") and drawing.count("var(--series-1)")
    assert (
        lambda_curves(replace(asked, judged=asked.judged[:1]), 0, shares.append) == ""
    )  # k-NN has no lambda


def test_without_single_modal_spaces_the_distortion_is_left_out_and_said(workspace, tmp_path):
    bare = replace(workspace, spaces={"shared": workspace.spaces["shared"]})
    page = Page(write_report(bare, tmp_path).read_text(encoding="utf-8"))
    text = " ".join(" ".join(page.text).split())
    assert "Distortion left out:" in text and "Quality against k" not in text


def test_examples_are_the_best_the_median_and_the_worst_of_each_direction(html):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html[html.index('id="examples"') :]))
    roles = re.findall(r"(Best|Median|Worst) (thermal → visible|visible → thermal)", text)
    assert len(roles) == len(set(roles)) == 6
    precisions = [float(ap) for ap in re.findall(r"Heterogeneous AP (\d\.\d\d)", text)]
    assert len(precisions) == 6
    for best, median, worst in (precisions[:3], precisions[3:]):
        assert best >= median >= worst


def hostile_workspace(workspace):
    """The same data with names of the worst intentions."""
    collections = {
        name: replace(
            collection,
            titles=np.array([f"{HOSTILE}{row}" for row in range(len(collection))]),
            groups=np.zeros(len(collection), dtype=np.int64) - (name == "visible"),
            group_names=(HOSTILE,),
        )
        for name, collection in workspace.dataset.collections.items()
    }
    names = tuple(f"{HOSTILE}{number}" for number in range(len(workspace.dataset.classes)))
    dataset = replace(
        workspace.dataset, name=HOSTILE, collections=collections, classes=names, notes=(HOSTILE,)
    )
    spaces = dict(workspace.spaces)
    spaces[HOSTILE] = replace(spaces.pop("shared"), name=HOSTILE)
    return replace(workspace, dataset=dataset, spaces=spaces, maps={}, problems=(HOSTILE,), _tasks={})


def test_names_from_outside_stay_text(workspace, tmp_path):
    html = write_report(hostile_workspace(workspace), tmp_path).read_text(encoding="utf-8")
    page = Page(html)
    assert_loads_and_runs_nothing(page)
    assert html.count("&lt;script&gt;") > 50  # title, classes, groups, items, space, notes
    assert HOSTILE in "".join(page.text)


def test_progress_grows_to_its_end_and_may_cancel(workspace, tmp_path):
    shares, plain = [], [RankerChoice("knn", RANKERS["knn"].settings())]
    write_report(workspace, tmp_path / "one", rankers=plain, on_progress=shares.append)
    assert shares == sorted(shares) and shares[0] >= 0 and 0.9 < shares[-1] <= 1.0

    def stop(share):
        if share > 0.2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(workspace, tmp_path / "two", on_progress=stop)
    assert list((tmp_path / "two").iterdir()) == []


def test_a_folder_that_cannot_be_made_and_spaces_that_do_not_fit(workspace, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written"):
        write_report(workspace, tmp_path / "file")
    alone = replace(workspace, spaces={"thermal-only": workspace.spaces["thermal-only"]})
    with pytest.raises(SpaceError, match="no space holds both"):
        write_report(alone, tmp_path / "none")
    bare = replace(workspace, spaces={"shared": workspace.spaces["shared"]})
    walk = [RankerChoice("heterogeneous", RANKERS["heterogeneous"].settings())]
    with pytest.raises(SpaceError, match="single-modal"):
        write_report(bare, tmp_path / "none", rankers=walk)
    left = write_report(bare, tmp_path / "left").read_text(encoding="utf-8")
    assert "Heterogeneous left out" in left


class Drawings:
    """Payloads: a solid picture a row, but the first is damaged and the second is missing."""

    def __init__(self, colour):
        self._colour = colour

    def picture(self, row):
        if row == 1:
            raise DataError("gone")
        out = io.BytesIO()
        Image.new("RGB", (40, 30), self._colour).save(out, "PNG")
        return b"damaged" if row == 0 else out.getvalue()

    def text(self, _row):
        return None


def test_pictures_are_inside_and_damaged_ones_do_not_stop_it(workspace, tmp_path):
    collections = {
        name: replace(collection, kind=Kind.IMAGE, payloads=Drawings((200, 30, 30)))
        for name, collection in workspace.dataset.collections.items()
    }
    drawn = replace(workspace, dataset=replace(workspace.dataset, collections=collections), _tasks={})
    page = Page(write_report(drawn, tmp_path).read_text(encoding="utf-8"))
    small = [a["src"] for a in page.of("img") if "Map of" not in (a.get("alt") or "")]
    assert len(small) > 100
    encoded = small[0].removeprefix("data:image/webp;base64,")
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        red, green, blue = picture.convert("RGB").getpixel((20, 15))
    assert red > 180 and green < 60 and blue < 60
