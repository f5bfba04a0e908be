"""How much memory this process has held at most."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_megabytes() -> int:
    """Of this program alone: what the system counts for a process that was started by a bigger one
    begins with that one's, and hides all that is less."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) // 1024
