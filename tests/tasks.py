"""Tasks for the tests of xview.jobs: what a child process may do to us."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

from xview.errors import DataError

_warmed = []


def warm():
    _warmed.append(os.getpid())


def broken_warm_up():
    raise ImportError("no module named heavy")


def count(config, run_dir, reporter):
    print("stray library chatter")
    os.write(1, b"C-level chatter\n")
    for i in range(config["n"]):
        time.sleep(config.get("sleep", 0))
        reporter.step(i + 1, config["n"], "counting", loss=1 / (i + 1))
    (run_dir / "model.bin").write_bytes(b"x")
    return "model.bin"


def who(config, run_dir, reporter):
    return f"{os.getpid()} warmed {len(_warmed)}"


def reads_stdin(config, run_dir, reporter):
    return repr(sys.stdin.read())


def fail(config, run_dir, reporter):
    raise ValueError("bad data")


def refuse(config, run_dir, reporter):
    raise DataError("digits.npy holds no vectors; choose another file")


def segfault(config, run_dir, reporter):
    reporter.step(1, 2)
    ctypes.string_at(0)


def leave(config, run_dir, reporter):
    os._exit(3)


def deaf(config, run_dir, reporter):
    reporter.step(0, 1)
    time.sleep(60)
    return "slept"


def babble(config, run_dir, reporter):
    """Write to the pipe of the events what is none."""
    held = [cell.cell_contents for cell in reporter._send.__closure__]
    channel = next(value for value in held if hasattr(value, "write"))
    for line in ("not json\n", '{"kind": "Progress", "done": "x"}\n', '{"kind": "Nothing"}\n', "[1, 2]\n"):
        channel.write(line)
    channel.flush()
    reporter.step(1, 1)


def full_disk(config, run_dir, reporter):
    """From here on no file can grow, as on a full disk."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    reporter.step(1, 2)
    Path(run_dir / "big.bin").write_bytes(bytes(1000))


def with_a_child(config, run_dir, reporter):
    """Start a process of its own, then listen to nobody."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    reporter.step(child.pid, 0)
    time.sleep(60)
