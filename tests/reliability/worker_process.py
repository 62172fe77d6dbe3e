"""A worker in a new process for every line it reads; prints the number of each.

Python and everything it imports is started once and forked, so that a test can afford to kill many.
What runs in the fork is what `taf worker` runs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from taf_service import serving
from taf_service.settings import Settings


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    while sys.stdin.readline():
        process = os.fork()
        if process == 0:
            asyncio.run(serving.work(Settings()))
            os._exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
