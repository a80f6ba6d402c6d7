"""One module per DVC stage: read, call, write.

Linear algebra runs on one thread: results do not depend on the number of cores, and small
problems are solved faster so than by threads that wait for each other.
"""

import os
import sys
from collections.abc import Callable

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")


def run(stage: Callable[[], None]) -> None:
    """Run a stage as a program: what a user can mend ends it with one message, not a traceback."""
    from valuescape.errors import explained

    try:
        stage()
    except Exception as error:
        told = explained(error)
        if told is None:
            raise
        sys.exit(f"error: {told}")
