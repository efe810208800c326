"""The short forms of the leak drill and of the chaos, one after the other on one Greenroom.

What the tests run: to set a Greenroom up takes longer than either. 1 when anything went wrong.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.chaos import __main__ as chaos
from bench.chaos.havoc import SHORT as BLOWS
from bench.chaos.stage import MODELS, StageFailed, stage
from bench.leak_drill import __main__ as leak

# The drill's clips are large enough to be found rendering, those of the chaos small.
_MODELS = {**MODELS, **leak.MODELS}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="greenroom-drills-", ignore_cleanup_errors=True) as var:
        try:
            with stage(Path(var), models=_MODELS) as made:
                with leak.website(made) as door:
                    good = leak.play(made, door, leak.SHORT)
                wrong = chaos.play(made, BLOWS, seed=1)
        except StageFailed as error:
            print(error)
            return 2
    return int(wrong > 0 or not good)


if __name__ == "__main__":
    sys.exit(main())
