"""Password hashes that take no time, for every test but those of the hashes themselves."""

from argon2 import PasswordHasher

from assure_app.auth import passwords

REAL = passwords._hasher
_QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def install() -> None:
    """From now on this process hashes quickly; servers it starts do not."""
    passwords._hasher = _QUICK
