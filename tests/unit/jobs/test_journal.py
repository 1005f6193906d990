import random

from xview.jobs.events import Progress, Succeeded, encode
from xview.jobs.journal import Journal


def lines(*steps, value=lambda step: float(step), **more):
    return "".join(encode(Progress(step, 100, "", {"loss": value(step), **more})) + "\n" for step in steps)


def append(path, text):
    with path.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def test_what_is_appended_is_read_once(tmp_path):
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    assert not journal.poll() and journal.last is None and journal.curves == {}
    append(path, lines(1, 2))
    assert journal.poll() and not journal.poll()
    append(path, lines(3, accuracy=0.5))
    assert journal.poll()
    assert journal.curves == {"loss": ([1, 2, 3], [1.0, 2.0, 3.0]), "accuracy": ([3], [0.5])}
    assert journal.last.done == 3


def test_a_line_still_being_written_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "events.jsonl"
    journal, text = Journal(path), lines(*range(1, 40)).encode()
    chunks = random.Random(0)
    while text:
        size = chunks.randint(1, 30)
        append(path, text[:size])
        text = text[size:]
        journal.poll()
    assert journal.curves == {"loss": (list(range(1, 40)), [float(i) for i in range(1, 40)])}


def test_a_run_that_went_back_to_its_checkpoint_replaces_what_came_after_it(tmp_path):
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    append(path, lines(5, 10, accuracy=0.1) + lines(15, 20, 25))
    append(path, lines(15, value=lambda step: -1.0))
    journal.poll()
    assert journal.curves["loss"] == ([5, 10, 15], [5.0, 10.0, -1.0])
    append(path, lines(10, value=lambda step: -2.0))
    journal.poll()
    assert journal.curves == {"loss": ([5, 10], [5.0, -2.0]), "accuracy": ([5], [0.1])}


def test_words_without_figures_replace_nothing(tmp_path):
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    append(path, lines(10) + encode(Progress(2, 3, "reading")) + "\n")
    journal.poll()
    assert journal.last.message == "reading" and journal.learnt.done == 10
    assert journal.curves == {"loss": ([10], [10.0])}


def test_damaged_lines_are_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    append(
        path, lines(1) + '{"kind": "Progress", "do\n' + "[]\n\n\xff\n" + encode(Succeeded()) + "\n" + lines(2)
    )
    append(path, b"\xff\xfe\n" + lines(3).encode())
    journal.poll()
    assert journal.curves == {"loss": ([1, 2, 3], [1.0, 2.0, 3.0])}


def test_a_file_begun_anew_is_read_anew(tmp_path):
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    append(path, lines(1, 2, 3))
    journal.poll()
    path.write_text(lines(1, value=lambda step: 9.0))
    journal.poll()
    assert journal.curves == {"loss": ([1], [9.0])}


def test_a_long_file_is_read_in_parts(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text(lines(*range(1, 9_001)))
    journal, polls = Journal(path), 0
    while journal.poll():
        polls += 1
    assert polls > 1 and journal.curves["loss"][0] == list(range(1, 9_001))
