"""Free ports on this machine."""

import random
import socket

TRIES = 200


def free_port() -> int:
    """A loopback port that nothing uses, and whose next one (the sandbox's) is free too."""
    chooser = random.SystemRandom()
    for _ in range(TRIES):
        port = chooser.randrange(20_000, 32_000, 2)
        if _is_free(port) and _is_free(port + 1):
            return port
    raise RuntimeError("No two neighbouring ports are free.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
