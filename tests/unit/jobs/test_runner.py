import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from xview.jobs import folder
from xview.jobs.events import Cancelled, Crashed, Failed, Succeeded
from xview.jobs.runner import Job, Worker, wait

ROOT = Path(__file__).parents[3]


def run(task, config, run_dir, **more):
    steps = []
    job = Job(f"tests.tasks:{task}", config, run_dir, **more)
    wait(job, steps.append)
    return job, steps


def poll_until(job, done, seconds=60.0):
    """Seconds until `done(job)`."""
    start = time.monotonic()
    while not done(job):
        assert time.monotonic() - start < seconds, "waited too long"
        job.poll()
        time.sleep(0.005)
    return time.monotonic() - start


def assert_goes(pid, seconds=30):  # niced far below whatever else runs here
    end = time.monotonic() + seconds
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end, "the process is still there"
            time.sleep(0.02)


def test_a_run_reports_each_step_and_leaves_a_complete_folder(tmp_path):
    job, steps = run("count", {"n": 3}, tmp_path / "new" / "run")
    assert job.outcome == Succeeded("model.bin")
    assert [(p.done, p.total, p.message, p.metrics) for p in steps] == [
        (1, 3, "counting", {"loss": 1.0}),
        (2, 3, "counting", {"loss": 0.5}),
        (3, 3, "counting", {"loss": 1 / 3}),
    ]
    assert folder.read_spec(job.run_dir) == ("tests.tasks:count", {"n": 3})
    assert folder.read_progress(job.run_dir) == steps
    assert folder.read_outcome(job.run_dir) == job.outcome
    log = (job.run_dir / folder.LOG).read_text()
    assert "stray library chatter" in log and "C-level chatter" in log
    assert sorted(p.name for p in job.run_dir.iterdir()) == sorted(
        ["model.bin", folder.SPEC, folder.EVENTS, folder.RESULT, folder.LOG]
    )


def test_a_bug_keeps_the_childs_traceback(tmp_path):
    job, _ = run("fail", {}, tmp_path)
    assert isinstance(job.outcome, Failed) and job.outcome.message == "ValueError: bad data"
    assert "tests/tasks.py" in job.outcome.traceback.replace(os.sep, "/")


def test_an_error_meant_for_the_user_is_told_in_its_own_words(tmp_path):
    job, _ = run("refuse", {}, tmp_path)
    assert job.outcome == Failed("digits.npy holds no vectors; choose another file")


def test_a_missing_task_fails(tmp_path):
    job, _ = run("nope", {}, tmp_path)
    assert isinstance(job.outcome, Failed) and "nope" in job.outcome.message


def test_a_segfault_is_an_outcome_with_the_native_stack(tmp_path):
    job, _ = run("segfault", {}, tmp_path)
    assert isinstance(job.outcome, Crashed)
    assert "string_at" in job.outcome.stderr_tail or "access violation" in job.outcome.stderr_tail
    assert folder.read_outcome(tmp_path) == job.outcome


def test_leaving_without_a_word_is_a_crash(tmp_path):
    job, _ = run("leave", {}, tmp_path)
    assert job.outcome == Crashed(3, "")


def test_a_worker_killed_from_outside_is_a_crash(tmp_path):
    job = Job("tests.tasks:deaf", {}, tmp_path)
    poll_until(job, lambda j: j.progress)
    psutil.Process(job._worker.pid).kill()
    poll_until(job, lambda j: j.outcome)
    assert isinstance(job.outcome, Crashed) and job.outcome.returncode != 0


def test_lines_that_are_no_events_are_dropped(tmp_path, caplog):
    job, steps = run("babble", {}, tmp_path)
    assert job.outcome == Succeeded() and [p.done for p in steps] == [1]
    assert [r.message.split(":")[0] for r in caplog.records] == ["dropped a malformed event"] * 4


def test_a_task_cannot_eat_the_parents_commands(tmp_path):
    assert run("reads_stdin", {}, tmp_path)[0].outcome == Succeeded("''")


def test_cancel_stops_a_listening_task_at_its_next_step(tmp_path):
    job = Job("tests.tasks:count", {"n": 10_000, "sleep": 0.02}, tmp_path, grace_s=20)
    poll_until(job, lambda j: j.progress)
    job.cancel()
    assert poll_until(job, lambda j: j.outcome) < 5  # long before the grace time is over
    assert job.outcome == Cancelled() and folder.read_outcome(tmp_path) == Cancelled()
    assert not (tmp_path / "model.bin").exists()


def test_cancel_kills_a_deaf_task_after_the_grace_time(tmp_path):
    job = Job("tests.tasks:deaf", {}, tmp_path, grace_s=0.3)
    poll_until(job, lambda j: j.progress)
    pid = job._worker.pid
    job.cancel()
    assert 0.3 <= poll_until(job, lambda j: j.outcome) < 5  # it sleeps for a minute
    assert job.outcome == Cancelled() and folder.read_outcome(tmp_path) == Cancelled()
    assert_goes(pid)


def test_killing_takes_the_tasks_own_processes_along(tmp_path):
    job = Job("tests.tasks:with_a_child", {}, tmp_path, grace_s=0.1)
    poll_until(job, lambda j: j.progress)
    job.cancel()
    poll_until(job, lambda j: j.outcome)
    assert_goes(job.progress.done)


def test_cancel_right_after_the_start(tmp_path):
    job = Job("tests.tasks:count", {"n": 10_000, "sleep": 0.01}, tmp_path)
    job.cancel()
    assert wait(job) == Cancelled()


def test_cancel_after_the_end_changes_nothing(tmp_path):
    job, _ = run("count", {"n": 1}, tmp_path)
    job.cancel()
    assert job.poll() == [] and job.outcome == Succeeded("model.bin")


def test_a_folder_that_cannot_be_written_is_an_outcome(tmp_path):
    (tmp_path / "file").write_text("in the way")
    job = Job("tests.tasks:count", {"n": 1}, tmp_path / "file" / "run")
    assert isinstance(job.outcome, Failed) and "choose another folder" in job.outcome.message
    assert job.poll() == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX does")
def test_a_full_disk_is_an_outcome(tmp_path):
    job, steps = run("full_disk", {}, tmp_path)
    assert isinstance(job.outcome, Failed) and "File too large" in job.outcome.message
    assert [p.done for p in steps] == [1]


def test_a_folder_swept_away_during_the_run_is_an_outcome(tmp_path):
    job = Job("tests.tasks:count", {"n": 10_000, "sleep": 0.01}, tmp_path / "run")
    poll_until(job, lambda j: j.progress)
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    job.cancel()
    assert wait(job) == Cancelled()


def test_no_process_to_be_had_is_an_outcome(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    job = Job("tests.tasks:count", {"n": 1}, tmp_path / "run")
    assert isinstance(job.outcome, Failed) and "cannot start a worker" in job.outcome.message


def test_a_rerun_in_the_same_folder_forgets_the_first(tmp_path):
    run("fail", {}, tmp_path)
    job, _ = run("count", {"n": 1}, tmp_path)
    assert folder.read_outcome(tmp_path) == job.outcome == Succeeded("model.bin")
    assert len(folder.read_progress(tmp_path)) == 1


def test_time_left_follows_the_pace(tmp_path):
    job = Job("tests.tasks:count", {"n": 40, "sleep": 0.01}, tmp_path)
    assert job.seconds_left is None
    poll_until(job, lambda j: j.progress and j.progress.done >= 20)
    elapsed = time.monotonic() - job._started
    assert 0 < job.seconds_left <= elapsed * 1.1
    wait(job)
    assert job.seconds_left is None


def test_workers_yield_to_the_window(tmp_path):
    worker = Worker()
    worker.run(tmp_path)  # no spec: it fails, but then it has surely started
    while not worker.take_events():
        time.sleep(0.01)
    process = psutil.Process(worker.pid)
    assert process.nice() > psutil.Process().nice() or sys.platform == "win32"
    worker.close()


def test_a_workers_modules_do_not_come_from_the_users_folder(tmp_path, monkeypatch):
    (tmp_path / "psutil.py").write_text("raise ImportError('a stranger')")
    monkeypatch.chdir(tmp_path)
    assert run("count", {"n": 1}, tmp_path / "run")[0].outcome == Succeeded("model.bin")


def test_workers_stop_when_the_parent_is_killed(tmp_path):
    code = """
import sys, time, pathlib
from xview.jobs.runner import Job
job = Job("tests.tasks:count", {"n": 100000, "sleep": 0.01}, pathlib.Path(sys.argv[1]))
while not job.poll():
    time.sleep(0.01)
print(job._worker.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert_goes(pid)
    assert folder.read_outcome(tmp_path) == Cancelled()
