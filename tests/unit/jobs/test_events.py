import signal
import sys

import pytest

from xview.jobs.events import (
    Cancelled,
    Crashed,
    Failed,
    Paused,
    Progress,
    Stopped,
    Succeeded,
    decode,
    describe,
    encode,
)

EVENTS = [
    Progress(1, 3),
    Progress(0, 0, "λ läuft", {"mAP": 0.5}),
    Succeeded(),
    Succeeded("map.safetensors"),
    Failed("no such file", "Traceback ..."),
    Cancelled(),
    Paused(),
    Stopped("best.safetensors"),
    Stopped(),
    Crashed(-9, "last words\nin two lines"),
]


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_a_line_brings_the_event_back(event):
    line = encode(event)
    assert "\n" not in line and line.isascii()
    assert decode(line) == event


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "7",
        "[]",
        "null",
        "{}",
        '{"kind": "Exit"}',
        '{"kind": "Succeeded"}',
        '{"kind": "Succeeded", "result": 3}',
        '{"kind": "Failed", "message": "x"}',
        '{"kind": "Crashed", "returncode": "-9", "stderr_tail": ""}',
        '{"kind": "Progress", "done": 1.5, "total": 2, "message": "", "metrics": {}}',
        '{"kind": "Progress", "done": 1, "total": 2, "message": "", "metrics": {"x": "y"}}',
        '{"kind": "Progress", "done": 1, "total": 2, "message": "", "metrics": {"x": null}}',
        encode(Progress(1, 2))[:-9],
    ],
)
def test_any_other_line_is_refused(line):
    with pytest.raises(ValueError):
        decode(line)


def test_endings_are_told_in_words():
    assert describe(Succeeded("x")) == "finished"
    assert describe(Cancelled()) == "cancelled"
    assert describe(Failed("no vectors in a.npy", "Traceback")) == "no vectors in a.npy"
    assert "exit code 3" in describe(Crashed(3))
    assert "access violation" in describe(Crashed(0xC0000005))
    assert "signal 99" in describe(Crashed(-99))


@pytest.mark.skipif(sys.platform == "win32", reason="signals end processes on POSIX")
def test_signals_are_told_in_words():
    assert "possibly because memory ran out" in describe(Crashed(-signal.SIGKILL))
    assert "crashed in native code (SIGSEGV" in describe(Crashed(-signal.SIGSEGV))
    assert "stopped by SIGTERM" in describe(Crashed(-signal.SIGTERM))
