"""The grammar, what arguments mean, and where output goes."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.conformance_folder import write_folder
from xview.cli import main
from xview.cli.asking import read_query
from xview.cli.output import printable, replacing, show_json, show_table
from xview.cli.parser import build_parser
from xview.cli.request import choose_rankers, protocol_of
from xview.cli.scores import check_room, write_scores
from xview.data.protocol import Classes
from xview.errors import DataError, QueryError, SettingError
from xview.session.state import ItemsQuery, PictureQuery, TextQuery
from xview.session.workspace import open_workspace


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def emoji():
    return open_workspace("emoji")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from xview.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sorted({'torch', 'umap', 'scipy', 'numpy', 'rich', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""
    assert "evaluate" in done.stdout


def test_version_is_told(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("xview 0.")


BAD = [
    ([], "COMMAND"),
    (["serch"], "serch"),
    (["info"], "DATA"),
    (["info", "{folder}", "--jsn"], "--jsn"),
    (["info", "{folder}/nowhere"], "nowhere"),
    (["info", "emojy"], "emoji"),
    (["scores", "{folder}", "--out", "{folder}/s.npy"], ".npz"),
    (["scores", "{folder}", "--out", "{folder}/none/s.npz"], "none"),
    (["scores", "{folder}", "--ranker", "heterogenous", "--out", "{folder}/s.npz"], "'heterogeneous'"),
    (["scores", "{folder}", "--set", "alpa=0.5", "--out", "{folder}/s.npz"], "'alpha'"),
    (["scores", "{folder}", "--set", "alpha=2", "--out", "{folder}/s.npz"], "0.9999"),
    (["scores", "{folder}", "--set", "alpha", "--out", "{folder}/s.npz"], "KEY=VALUE"),
    (["scores", "{folder}", "--query", "thermol", "--out", "{folder}/s.npz"], "'thermal'"),
    (["scores", "{folder}", "--classes", "unseen", "--out", "{folder}/s.npz"], "--classes all"),
    (["scores", "{folder}", "--classes", "some", "--out", "{folder}/s.npz"], "some"),
    (["scores", "{folder}", "--shared", "shred", "--out", "{folder}/s.npz"], "'shared'"),
    (["scores", "{folder}", "--shared", "thermal-only", "--out", "{folder}/s.npz"], "visible"),
    (["evaluate", "{folder}", "--ranker", "knn", "--set", "k=3"], "nothing to set"),
    (["evaluate", "{folder}", "--splits", "0"], "from 1"),
    (["evaluate", "{folder}", "--json", "{folder}/none/rows.json"], "rows.json"),
    (["search", "{folder}", "--query", "no such thing"], "no such thing"),
    (["search", "{folder}", "--query", "0", "--modality", "thermol"], "thermol"),
    (["search", "{folder}", "--query", "0", "--explain", "81"], "81"),
    (["project", "{folder}", "--method", "umpa", "--out", "{folder}/m.npy"], "'umap'"),
    (["project", "{folder}", "--out", "{folder}/m.png"], ".csv"),
    (["project", "{folder}", "--space", "shred", "--method", "pca", "--out", "{folder}/m.npy"], "'shared'"),
    (["encode", "{folder}", "--modality", "thermal"], "vectors already"),
    (["encode", "emoji", "--modality", "texts", "--encoder", "all-minilm"], "'all-minilm-l6-v2'"),
    (["report", "{folder}", "--ranker", "knn", "--out", "{folder}/dataset.toml"], "dataset.toml"),
]


@pytest.mark.parametrize(("arguments", "told"), BAD, ids=lambda value: " ".join(value)[-60:])
def test_bad_input_ends_with_2_and_one_line(arguments, told, folder, capsys):
    before = sorted(folder.iterdir())
    assert main([argument.format(folder=folder) for argument in arguments]) == 2
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert lines[-1].startswith("xview: ") and told in lines[-1]
    assert len(lines) == 1 and said.out == ""
    assert sorted(folder.iterdir()) == before


def test_a_setting_reaches_every_ranker_that_has_it_or_the_one_named():
    names = ["knn", "homogeneous", "heterogeneous"]
    knn, homogeneous, heterogeneous = choose_rankers(names, ["k=9", "heterogeneous.k=7", "lambda=.25"])
    assert knn.settings.to_mapping() == {}
    assert homogeneous.settings.to_mapping()["k"] == 9
    assert heterogeneous.settings.to_mapping()["k"] == 7
    assert [choice.settings.to_mapping()["lambda"] for choice in (homogeneous, heterogeneous)] == [0.25] * 2
    with pytest.raises(SettingError, match=r"knn\.k"):
        choose_rankers(names, ["knn.k=9"])


@pytest.mark.parametrize(
    ("given", "asks", "answers"),
    [
        ([], "sketches", "images"),
        (["--query", "images"], "images", "sketches"),
        (["--query", "texts"], "texts", "images"),
        (["--gallery", "sketches"], "images", "sketches"),
        (["--query", "texts", "--gallery", "texts"], "texts", "texts"),
    ],
)
def test_the_modality_not_named_is_a_different_one(emoji, given, asks, answers):
    args = build_parser().parse_args(["evaluate", "emoji", *given])
    protocol = protocol_of(args, emoji, args.query)
    assert (protocol.query, protocol.gallery) == (asks, answers)
    assert protocol.across_groups
    assert protocol.query_classes is protocol.gallery_classes is Classes.UNSEEN


def test_protocol_of_the_generalised_kind_within_groups(emoji):
    args = build_parser().parse_args(["evaluate", "emoji", "--gallery-classes", "all", "--within-groups"])
    protocol = protocol_of(args, emoji, args.query)
    assert (protocol.query_classes, protocol.gallery_classes) == (Classes.UNSEEN, Classes.ALL)
    assert not protocol.across_groups


def test_a_query_is_an_id_then_a_file_then_words(emoji, tmp_path):
    picture = tmp_path / "drawing.png"
    picture.write_bytes(b"anything")
    assert read_query("1f993", None, emoji) == ("texts", ItemsQuery(("1f993",)))
    assert read_query("noto/1f993", "images", emoji) == ("images", ItemsQuery(("noto/1f993",)))
    assert read_query(str(picture), None, emoji) == ("sketches", PictureQuery(str(picture)))
    assert read_query("a striped horse", None, emoji) == ("texts", TextQuery("a striped horse"))
    assert read_query("x" * 5000, None, emoji) == ("texts", TextQuery("x" * 5000))
    with pytest.raises(QueryError, match="no file"):
        read_query("missing.png", None, emoji)
    with pytest.raises(QueryError, match="did you mean 'noto/1f993'"):
        read_query("notto/1f993", "images", emoji)
    with pytest.raises(QueryError, match="no modality of pictures"):
        read_query(str(picture), "texts", emoji)


def test_scores_are_written_block_by_block_as_numpy_reads_them(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(7, 5))
    done = []
    write_scores(
        tmp_path / "s.npz",
        (matrix[start : start + 3] for start in range(0, 7, 3)),
        np.array([f"q{i}" for i in range(7)]),
        np.array(["é", "b", "c", "d", "<&>"]),
        done.append,
    )
    with np.load(tmp_path / "s.npz", allow_pickle=False) as written:
        np.testing.assert_array_equal(written["scores"], matrix)
        assert written["query_ids"].tolist() == [f"q{i}" for i in range(7)]
        assert written["gallery_ids"].tolist() == ["é", "b", "c", "d", "<&>"]
    assert done == pytest.approx([3 / 7, 6 / 7, 1.0])


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path):
    kept = tmp_path / "s.npz"
    kept.write_bytes(b"old")

    def blocks():
        yield np.zeros((1, 2))
        raise QueryError("stop")

    with pytest.raises(QueryError):
        write_scores(kept, blocks(), np.array(["a", "b"]), np.array(["c", "d"]), lambda _share: None)
    assert kept.read_bytes() == b"old" and list(tmp_path.iterdir()) == [kept]
    with pytest.raises(DataError, match="cannot be written"), replacing(tmp_path / "none" / "x"):
        pass


def test_a_matrix_the_disk_cannot_hold_is_refused_with_its_size(tmp_path):
    with pytest.raises(DataError, match="1,000,000 x 100,000,000 scores need 800 TB, the disk has"):
        check_room(tmp_path / "s.npz", (1_000_000, 100_000_000))


def test_json_is_strict_and_whole(tmp_path, capsys):
    target = tmp_path / "told.json"
    show_json({"nan": float("nan"), "n": np.int64(3), "row": np.arange(2), "name": "naïve"}, str(target))
    assert json.loads(target.read_text(encoding="utf-8")) == {
        "nan": None,
        "n": 3,
        "row": [0, 1],
        "name": "naïve",
    }
    show_json([float("inf")], "-")
    assert json.loads(capsys.readouterr().out) == [None]


def test_text_from_outside_cannot_drive_the_terminal(capsys):
    hostile = "a\x1b[2Jb\rc\x07[bold]d[/bold]"
    assert printable(hostile) == "a�[2Jb�c�[bold]d[/bold]"
    show_table(["title"], [[hostile]])
    assert "\x1b" not in (said := capsys.readouterr().out) and "[bold]d[/bold]" in said


def test_tables_are_not_cut_in_a_pipe(capsys):
    long = "word " * 60
    show_table(["title", "n"], [[long, 1]], right=["n"])
    assert long.strip() in capsys.readouterr().out


def test_ctrl_c_is_130_and_one_line(monkeypatch, capsys):
    from xview.cli import info

    def interrupted(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(info, "run", interrupted)
    assert main(["info", "emoji"]) == 130
    assert capsys.readouterr().err == "xview: interrupted\n"


def test_a_bug_keeps_its_traceback(monkeypatch):
    from xview.cli import info

    def broken(_args):
        raise ZeroDivisionError

    monkeypatch.setattr(info, "run", broken)
    with pytest.raises(ZeroDivisionError):
        main(["info", "emoji"])


@pytest.mark.parametrize("what", ["systems", "rankers"])
def test_lists_come_as_tables_and_as_json(what, capsys):
    assert main([what]) == 0
    table = capsys.readouterr().out
    assert main([what, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    listed = told if what == "rankers" else [*told["encoders"], *told["systems"]]
    assert all(entry["name"] in table for entry in listed)
    keys = [setting["key"] for entry in listed for setting in entry.get("settings", [])]
    assert keys and all(key in table for key in keys)
