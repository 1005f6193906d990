"""What belongs to the user is kept where it can be, and its loss is no reason to fail."""

import pytest

from xview.errors import DataError
from xview.session import places


def test_the_newest_source_comes_first_and_only_once():
    for name in ("a", "b", "a", *map(str, range(12))):
        places.remember_source(name)
    assert places.recent_sources() == tuple(map(str, range(11, 1, -1)))
    places.remember_source("5")
    assert places.recent_sources()[:2] == ("5", "11")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', '[1, "a", null]'])
def test_a_damaged_list_counts_as_what_is_left_of_it(text):
    places.state_folder().mkdir(parents=True)
    (places.state_folder() / "recent.json").write_text(text, "utf-8")
    assert set(places.recent_sources()) <= {"a"}
    places.remember_source("b")
    assert places.recent_sources()[0] == "b"


def test_where_nothing_can_be_written_nothing_fails_but_pasting(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XVIEW_STATE", str(tmp_path / "file"))
    places.remember_source("a")
    assert places.recent_sources() == ()
    with pytest.raises(DataError, match="cannot be kept"):
        places.keep_pasted(b"png")


def test_pasted_pictures_are_kept_by_content_and_the_oldest_forgotten(monkeypatch):
    monkeypatch.setattr(places, "_PASTED_KEPT", 3)
    kept = [places.keep_pasted(bytes([n])) for n in range(3)]
    assert places.keep_pasted(bytes([2])) == kept[2]
    assert [path.read_bytes() for path in kept] == [b"\x00", b"\x01", b"\x02"]
    for n in range(3, 9):
        newest = places.keep_pasted(bytes([n]))
        assert newest.is_file()
    assert len(list(newest.parent.iterdir())) == 3
