"""Long work in processes of their own: a run is a folder, a crash is an outcome, not an exception.

`Job` is one run, `Worker` the child process that serves it, `WorkerPool` keeps warm ones. A task is a
function `(config, run_dir, reporter) -> str | None`, named "module:function", that takes plain JSON and
leaves its results in the run's folder:

    spec.json      what was asked, written before the start
    events.jsonl   what the task said, one JSON object a line
    result.json    how it ended
    stderr.log     every stray print, and the native stack of a crash

A `TrainingRun` may outlive whoever started it, so it is a process that talks through its folder alone:

    request        `pause` or `stop`, written by whoever wants it
    process.json   number of its process, and when that began
    usage.json     seconds and peak memory, once it ended

Decisions
    2026-11-22  A worker reads commands from stdin and may serve several runs, one after another: a standby
                process has umap compiled or torch and an encoder loaded before they are needed. The end of
                stdin means cancel and leave, so a dead parent stops its workers.
    2026-11-22  Cancelling asks first and kills the process tree after a grace time. Tasks write with
                os.replace, so a kill leaves no half-written result.
"""
