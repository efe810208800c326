"""The jobs worker, beat and two GPU workers under the product's own supervisor, in one process.

``python -m bench.chaos.crew``: says "up" when all are ready, and ends them on SIGTERM.
"""

from __future__ import annotations

import os
from pathlib import Path

from portal.supervisor.crew import Crew
from portal.supervisor.errors import AskedToEnd
from portal.supervisor.supervisor import Supervisor

GPU_WORKERS = ("gpu1", "gpu2")
# A worker that rendered for a moment was no failed start, however often it is killed.
STEADY = 1.0


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    crew = Crew(var=Path(os.environ["GREENROOM_VAR"]), env=dict(os.environ), url="")
    supervisor = Supervisor(_say, steady=STEADY)
    supervisor.listen_for_signals()
    try:
        supervisor.start(
            [crew.jobs_worker(), crew.beat(), *(crew.gpu_worker(name) for name in GPU_WORKERS)]
        )
        _say("up")
        supervisor.watch()
    except AskedToEnd:
        _say("ended")
    finally:
        supervisor.end()


if __name__ == "__main__":
    main()
