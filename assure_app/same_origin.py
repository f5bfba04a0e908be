"""Lets one built frontend be served from any address."""

import re
from pathlib import Path
from typing import Any

from reflex_base.plugins import Plugin

PLACEHOLDER_URL = "http://same-origin.invalid"
_BAKED_ADDRESS = re.compile(r"""(["'`])(?:http|ws)://same-origin\.invalid(/[\w./-]*)\1""")


class SameOriginPlugin(Plugin):
    """After a build, makes the pages connect back to wherever they came from.

    Reflex writes the server's address into the built JavaScript. A build that serves any port,
    and any number of servers at once, must not know one, so it is built with a placeholder.
    """

    def post_build(self, **context: Any) -> None:
        """Replace each placeholder; raises RuntimeError when the build holds none."""
        chunks = list(Path(context["static_dir"]).rglob("reflex-env-*.js"))
        changes = sum(_connect_to_own_origin(chunk) for chunk in chunks)
        if changes == 0:
            raise RuntimeError("The built frontend names no server address where one was expected.")


def _connect_to_own_origin(chunk: Path) -> int:
    text, changes = _BAKED_ADDRESS.subn(r'(globalThis.location.origin+"\2")', chunk.read_text())
    chunk.write_text(text)
    return changes
