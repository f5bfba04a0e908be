"""The keys between the product and its sandbox, made up once by whichever process comes first.

They open nothing outside this machine, but whoever has them can say that an invoice was paid, so
the file is readable by its owner alone.
"""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from assure_app.settings import Settings, SettingsError, require_data_dir

_NAMES = {"secret_key", "webhook_secret", "control_token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxKeys:
    """The same three for the product and the sandbox; they stay out of the repr."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    control_token: str = field(repr=False)


def read(settings: Settings) -> SandboxKeys:
    """The keys of this installation's sandbox, made when there are none yet.

    Raises SettingsError when their file cannot be written, or holds something else.
    """
    place = settings.data_dir / "sandbox" / "keys.json"
    if not place.exists():
        require_data_dir(settings)
        _make(place)
    return _read(place)


@cache
def _read(place: Path) -> SandboxKeys:
    """Read once by each process: every callback of the sandbox's is checked with them."""
    return _parsed(place)


def _make(place: Path) -> None:
    """Write the file whole or not at all; when another process was first, its keys count."""
    keys = SandboxKeys(
        secret_key=f"sk_test_{secrets.token_hex(24)}",
        webhook_secret=f"whsec_{secrets.token_hex(24)}",
        control_token=secrets.token_hex(24),
    )
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        number, draft = tempfile.mkstemp(prefix="keys-", dir=place.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(asdict(keys), file)
                file.flush()
                os.fsync(file.fileno())
            _publish(Path(draft), place)
        finally:
            Path(draft).unlink()
    except OSError as error:
        raise SettingsError(f"{place} cannot be written ({error.strerror}).") from None


def _publish(draft: Path, place: Path) -> None:
    try:
        # Unlike a rename, a link never takes the place of what another process put there.
        place.hardlink_to(draft)
    except FileExistsError:
        return


def _parsed(place: Path) -> SandboxKeys:
    try:
        known = json.loads(place.read_bytes())
    except (OSError, ValueError):
        known = None
    if not isinstance(known, dict) or not all(
        isinstance(known.get(name), str) and known[name] for name in _NAMES
    ):
        raise SettingsError(f"{place} does not hold the sandbox’s keys: remove it and start again.")
    return SandboxKeys(**{name: known[name] for name in _NAMES})
