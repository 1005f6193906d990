import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.unit.jobs.test_runner import assert_goes
from xview.errors import TrainingError
from xview.jobs import folder, processes
from xview.jobs.runs import RunQueue, Status, TrainingRun, find_runs

ROOT = Path(__file__).parents[3]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits as POSIX has them")


@pytest.fixture
def runs(tmp_path):
    """A folder of runs; none of them outlives its test."""
    yield tmp_path / "runs"
    for run in find_runs(tmp_path / "runs"):
        run.kill()


def make(runs, task="learn", **config):
    config = {"data": "toy", "system": "toy", "training": {"epochs": 10}, **config}
    return TrainingRun.create(config, runs, task=f"tests.running:{task}")


def until(run, done, seconds=60.0):
    end = time.monotonic() + seconds
    while not done(run):
        assert time.monotonic() < end, f"waited too long: {run.status}, {run.message}\n{run.log()}"
        run.poll()
        time.sleep(0.01)
    return run


def ended(run):
    return until(run, lambda r: r.status not in (Status.RUNNING, Status.WAITING))


def started(run, step=1):
    run.start()
    return until(run, lambda r: r.progress and r.progress.done >= step)


def pid_of(run):
    return json.loads((run.folder / folder.PROCESS).read_text())["pid"]


def whole_curve(run, steps=100):
    assert run.curves == {"loss": (list(range(1, steps + 1)), [1 / i for i in range(1, steps + 1)])}


def test_a_run_goes_from_waiting_to_finished_and_tells_all_about_it(runs):
    run = make(runs)
    assert (run.status, run.message, run.epoch, run.epochs, run.progress) == (
        "waiting",
        "not started",
        0,
        10,
        None,
    )
    run.start()
    assert run.status is Status.RUNNING and run.message in ("starting", "epoch 1")
    ended(run)
    assert (run.status, run.message, run.epoch) == ("finished", "finished", 10)
    assert run.seconds_left is None and not run.poll()
    whole_curve(run)
    assert run.best == {"loss": 0.01}
    assert 0 < run.usage["seconds"] < 60 and 5e6 < run.usage["peak_memory"] < 5e8


def test_names_never_repeat(runs):
    names = [make(runs, name=name).name for name in (None, None, "mine", "mine", "a/b: ü")]
    assert names == ["toy 1", "toy 2", "mine", "mine 2", "a/b: ü"]
    assert sorted(path.name for path in runs.iterdir()) == ["a-b-ü", "mine", "mine-2", "toy-1", "toy-2"]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match="choose another folder"):
        make(tmp_path / "file")


def test_a_run_is_found_by_whoever_looks(runs):
    first, second = make(runs, sleep=0.03), make(runs, sleep=0)
    (runs / "no run").mkdir()
    (runs / "damaged").mkdir()
    (runs / "damaged" / folder.SPEC).write_text("{")
    os.utime(first.folder / folder.SPEC, (1, 1))
    ended(started(second, 100))
    started(first)
    found = find_runs(runs)
    assert [(run.name, run.status) for run in found] == [("toy 1", "running"), ("toy 2", "finished")]
    assert found[0].config == first.config and found[1].curves == second.curves
    until(found[0], lambda r: r.seconds_left is not None)
    assert 0 < found[0].seconds_left < 30
    ended(found[0])
    whole_curve(found[0])


def test_a_paused_run_goes_on_where_it_was(runs):
    run = started(make(runs), 15)
    run.pause()
    run.poll()
    assert run.status is Status.RUNNING and run.message == "pausing"
    ended(run)
    assert (run.status, run.message) == ("paused", "paused")
    at = run.progress.done
    assert 15 <= at < 100 and run.curves["loss"][0][-1] == at
    run.start()  # the process may still be leaving
    assert run.status is Status.RUNNING
    ended(run)
    assert run.status is Status.FINISHED
    whole_curve(run)


def test_a_stopped_run_keeps_what_it_has(runs):
    run = started(make(runs), 5)
    run.stop()
    ended(run)
    assert (run.status, run.message) == ("stopped", "stopped early")
    assert (run.folder / "checkpoint.safetensors").exists() and run.progress.done < 100


def test_a_paused_run_can_be_stopped(runs):
    run = started(make(runs), 5)
    run.pause()
    ended(run)
    at = run.progress.done
    run.stop()
    ended(run)
    assert run.status is Status.STOPPED and run.progress.done == at


@POSIX
def test_a_killed_run_says_so_and_goes_on_from_its_checkpoint(runs):
    run = started(make(runs), 25)
    psutil.Process(pid_of(run)).kill()
    ended(run)
    assert run.status is Status.CRASHED
    assert "killed (signal 9)" in run.message and run.message.endswith(
        "resume goes on from its last checkpoint"
    )
    assert find_runs(runs)[0].message == run.message  # written down for the others
    with (run.folder / folder.EVENTS).open("ab") as file:
        file.write(b'{"kind": "Progress", "do')  # cut short by the kill
    run.start()
    ended(run)
    assert run.status is Status.FINISHED
    whole_curve(run)
    whole_curve(find_runs(runs)[0])


@POSIX
def test_a_run_survives_whoever_started_it_and_is_found_again(runs):
    code = (
        "import pathlib, sys, time; from xview.jobs.runs import TrainingRun; "
        "run = TrainingRun.create({'data': 'toy', 'system': 'toy', 'sleep': .03}, pathlib.Path(sys.argv[1]), "
        "task='tests.running:learn'); run.start()\n"
        "while not run.poll() or not run.progress: time.sleep(.01)\n"
        "print('goes', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(runs)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as starter:
        assert starter.stdout.readline() == "goes\n"
        starter.kill()
    run = find_runs(runs)[0]
    assert run.status is Status.RUNNING
    at = run.progress.done
    until(run, lambda r: r.progress.done > at + 5)
    psutil.Process(pid_of(run)).kill()  # nobody is left to know how it ended
    ended(run)
    assert run.status is Status.CRASHED and "without a word" in run.message
    run.start()
    ended(run)
    whole_curve(run)


def test_another_process_of_the_same_number_is_not_the_run(runs):
    run = make(runs)
    told = {"pid": os.getpid(), "created": psutil.Process().create_time() - 100}
    (run.folder / folder.PROCESS).write_text(json.dumps(told))
    run.poll()
    assert run.status is Status.CRASHED
    run.kill()  # and we are still here


@pytest.mark.parametrize(
    ("task", "status", "told"),
    [
        ("segfault", Status.CRASHED, "crashed in native code"),
        ("no_memory", Status.FAILED, "memory ran out"),
        ("no_memory_for_torch", Status.FAILED, "memory ran out; choose a smaller batch or network"),
        ("refuse", Status.FAILED, "became nan in epoch 3"),
        pytest.param("nothing_can_be_written", Status.FAILED, "free some space there", marks=POSIX),
    ],
)
def test_every_bad_end_has_a_plain_message(runs, task, status, told):
    run = make(runs, task)
    run.start()
    ended(run)
    assert run.status is status and told in run.message, run.log()
    assert "Traceback" not in run.message and "\n" not in run.message
    if task == "segfault":
        assert "string_at" in run.log()  # the native stack


def test_a_deaf_run_can_be_killed_and_deleted(runs):
    run = make(runs, "deaf")
    run.start()
    until(run, lambda r: (r.folder / "deaf").exists())
    pid = pid_of(run)
    run.kill()
    assert (run.status, run.message) == ("stopped", "cancelled")
    assert_goes(pid)
    run.delete()
    assert not run.folder.exists() and find_runs(runs) == []


def test_a_running_run_can_be_deleted(runs):
    run = started(make(runs))
    pid = pid_of(run)
    run.delete()
    assert_goes(pid)
    assert not run.folder.exists()


def test_two_watchers_start_one_process(runs):
    run = make(runs, sleep=0.05)
    other = find_runs(runs)[0]
    run.start()
    until(other, lambda r: r.status is Status.RUNNING)
    other.start()
    ended(run), ended(other)
    whole_curve(other)


def test_a_run_that_cannot_be_started_says_so(runs, monkeypatch):
    run = make(runs)
    monkeypatch.setattr(sys, "executable", str(runs / "no-python"))
    run.start()
    assert run.status is Status.FAILED and "cannot be started" in run.message


@POSIX
def test_the_machine_shutting_down_pauses_a_run(runs):
    run = started(make(runs))
    os.kill(pid_of(run), signal.SIGTERM)
    ended(run)
    assert run.status is Status.PAUSED


def test_a_run_steps_back_for_people(runs):
    run = started(make(runs))
    assert psutil.Process(pid_of(run)).nice() > psutil.Process().nice() or sys.platform == "win32"


def test_a_queue_runs_one_after_another(runs):
    queue, (first, second, third) = RunQueue(at_once=1), [make(runs, sleep=0.005) for _ in range(3)]
    for run in (first, second, third):
        queue.submit(run)
    assert [run.status for run in (first, second, third)] == ["running", "waiting", "waiting"]
    assert second.message == "waits for its turn"
    third.pause()  # out of the queue
    together = 0
    end = time.monotonic() + 60
    while second.status is not Status.FINISHED:
        assert time.monotonic() < end
        changed = queue.poll()
        assert set(changed) <= {first, second, third}
        together = max(together, sum(run.status is Status.RUNNING for run in (first, second, third)))
        time.sleep(0.01)
    assert together == 1 and first.status is Status.FINISHED
    assert (
        third.status is Status.WAITING
        and third.message == "not started"
        and not (third.folder / "process.json").exists()
    )
    queue.submit(third)
    assert third.status is Status.RUNNING


def test_a_paused_run_can_wait_for_its_turn(runs):
    queue, first, second = RunQueue(), make(runs), started(make(runs))
    second.pause()
    ended(second)
    queue.submit(first)
    queue.submit(second)
    assert second.status is Status.WAITING
    second.pause()
    second.poll()
    assert second.status is Status.PAUSED


def test_a_folder_of_choice_holds_one_run(tmp_path):
    config = {"data": "toy", "system": "toy", "training": {"epochs": 3}}
    run = TrainingRun.at(tmp_path / "here", config)
    assert run.name == "here" and run.epochs == 3
    (run.folder / folder.EVENTS).write_text("kept")
    assert TrainingRun.at(tmp_path / "here", {**config, "training": {"epochs": 9}}).epochs == 9
    assert (run.folder / folder.EVENTS).read_text() == "kept"
    with pytest.raises(TrainingError, match=r"holds another run .system: toy there, other here"):
        TrainingRun.at(tmp_path / "here", {**config, "system": "other"})


def test_polling_many_ended_runs_is_cheap(runs):
    made = [make(runs) for _ in range(50)]
    for run in made:
        with contextlib.suppress(OSError):
            (run.folder / folder.RESULT).write_text('{"kind": "Succeeded", "result": null}')
        run.poll()
    start = time.process_time()
    for run in made:
        assert not run.poll() and run.status is Status.FINISHED
    assert time.process_time() - start < 0.05  # a frame of the window


def test_a_run_that_ends_while_it_is_looked_at_has_not_crashed(runs, monkeypatch):
    run = make(runs)
    run.start()
    look = processes.alive

    def gone_by_now(place):
        while look(place):
            time.sleep(0.01)
        return False

    monkeypatch.setattr(processes, "alive", gone_by_now)
    run.poll()
    assert run.status is Status.FINISHED
