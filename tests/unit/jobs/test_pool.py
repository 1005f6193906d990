import time

import psutil
import pytest

from tests.unit.jobs.test_runner import poll_until
from xview.jobs.events import Cancelled, Crashed, Succeeded
from xview.jobs.pool import WorkerPool
from xview.jobs.runner import wait

WARM = {f"tests.tasks:{task}": "tests.tasks:warm" for task in ("who", "deaf", "leave", "count")}


@pytest.fixture
def pool():
    pool = WorkerPool(WARM, at_once=1)
    yield pool
    pool.close()


def idle(pool, kind="tests.tasks:warm"):
    return pool._idle[kind]


def test_one_warm_worker_serves_several_jobs(pool, tmp_path):
    pool.prepare("tests.tasks:who")
    pid = idle(pool).pid
    outcomes = {wait(pool.submit("tests.tasks:who", {}, tmp_path / str(i))) for i in range(3)}
    assert outcomes == {Succeeded(f"{pid} warmed 1")}


def test_a_warm_worker_answers_faster_than_a_process_starts(pool, tmp_path):
    cold = poll_until(pool.submit("tests.tasks:who", {}, tmp_path / "first"), lambda j: j.outcome)
    warm = poll_until(pool.submit("tests.tasks:who", {}, tmp_path / "second"), lambda j: j.outcome)
    assert warm < cold / 3


def test_tasks_of_another_kind_have_workers_of_their_own(pool, tmp_path):
    wait(pool.submit("tests.tasks:who", {}, tmp_path / "warm"))
    assert wait(pool.submit("tests.tasks:fail", {}, tmp_path / "plain")) != Cancelled()
    assert set(pool._idle) == {"tests.tasks:warm", ""}
    assert len({worker.pid for worker in pool._idle.values()}) == 2


def test_each_run_has_its_own_log(pool, tmp_path):
    for n in (1, 2):
        wait(pool.submit("tests.tasks:count", {"n": n}, tmp_path / str(n)))
    logs = [(tmp_path / str(n) / "stderr.log").read_text() for n in (1, 2)]
    assert logs[0] == logs[1] and logs[0].count("stray") == 1


def test_a_cancelled_listener_keeps_its_worker(pool, tmp_path):
    job = pool.submit("tests.tasks:count", {"n": 10_000, "sleep": 0.01}, tmp_path / "long", grace_s=20)
    poll_until(job, lambda j: j.progress)
    pid = job._worker.pid
    job.cancel()
    assert wait(job) == Cancelled()
    assert wait(pool.submit("tests.tasks:who", {}, tmp_path / "next")) == Succeeded(f"{pid} warmed 1")


def test_a_killed_worker_is_replaced_by_a_warm_one(pool, tmp_path):
    job = pool.submit("tests.tasks:deaf", {}, tmp_path / "deaf", grace_s=0.2)
    poll_until(job, lambda j: j.progress)
    pid = job._worker.pid
    job.cancel()
    poll_until(job, lambda j: j.outcome)
    assert job.outcome == Cancelled() and idle(pool).pid != pid
    fresh = idle(pool).pid
    assert wait(pool.submit("tests.tasks:who", {}, tmp_path / "next")) == Succeeded(f"{fresh} warmed 1")


def test_a_crashed_worker_is_replaced(pool, tmp_path):
    assert isinstance(wait(pool.submit("tests.tasks:leave", {}, tmp_path / "crash")), Crashed)
    assert isinstance(wait(pool.submit("tests.tasks:who", {}, tmp_path / "next")), Succeeded)


def test_a_worker_that_died_while_idle_is_not_lent(pool, tmp_path):
    pool.prepare("tests.tasks:who")
    dead = idle(pool)
    psutil.Process(dead.pid).kill()
    while dead.returncode is None:
        time.sleep(0.01)
    assert isinstance(wait(pool.submit("tests.tasks:who", {}, tmp_path)), Succeeded)


def test_a_failing_warm_up_costs_nothing_but_the_warmth(tmp_path):
    pool = WorkerPool({"tests.tasks:who": "tests.tasks:broken_warm_up"})
    assert isinstance(wait(pool.submit("tests.tasks:who", {}, tmp_path)), Succeeded)
    assert "no module named heavy" in idle(pool, "tests.tasks:broken_warm_up").last_printed()
    pool.close()


def test_jobs_wait_while_all_workers_of_their_kind_are_busy(pool, tmp_path):
    first = pool.submit("tests.tasks:count", {"n": 10_000, "sleep": 0.01}, tmp_path / "first")
    second = pool.submit("tests.tasks:who", {}, tmp_path / "second")
    third = pool.submit("tests.tasks:who", {}, tmp_path / "third")
    assert not first.waiting and second.waiting and third.waiting
    third.cancel()
    assert third.outcome == Cancelled()
    poll_until(first, lambda j: j.progress)
    assert second.poll() == [] and second.waiting
    first.cancel()
    poll_until(first, lambda j: j.outcome)
    assert isinstance(wait(second), Succeeded)


def test_closing_lets_every_worker_leave(tmp_path):
    pool = WorkerPool(WARM)
    job = pool.submit("tests.tasks:count", {"n": 20, "sleep": 0.01}, tmp_path)
    pool.prepare("tests.tasks:who")
    workers = [job._worker, idle(pool)]
    pool.close()
    assert wait(job) == Succeeded("model.bin")
    end = time.monotonic() + 30
    while any(worker.returncode is None for worker in workers):
        assert time.monotonic() < end
        time.sleep(0.01)
    assert workers[0].returncode == 0
