"""All checks in one command: `python -m tests [pytest arguments]`. Stops at the first that fails.

Tests run in a few processes, file by file; `python -m pytest` runs them in one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = min(4, os.cpu_count() or 1)
CHECKS = (
    ("style", ["-m", "ruff", "check", "."]),
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("types", ["-m", "mypy"]),
    ("layers", ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"]),
)


def main(arguments: list[str]) -> int:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    environment |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}  # the processes share the cores
    tests = ["-m", "pytest", "-n", str(PROCESSES), "--dist", "loadfile", *arguments]
    for name, command in (*CHECKS, ("tests", tests)):
        print(f"== {name}", flush=True)
        status = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
