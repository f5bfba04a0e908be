"""What the addresses of an installation look like: its own, its database's, its mail server's."""

from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


def of_host(host: str, port: int) -> str:
    """Where people reach what listens on this host and port."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def of_billing(public_url: str) -> str:
    """Whom mail comes from where nobody said."""
    host = urlsplit(public_url).hostname or "localhost"
    return f"billing@{'localhost' if host in LOOPBACK_HOSTS else host}"


def with_a_usable_port(database_url: str) -> str:
    """The same address; raises ValueError, with a sentence for a person, when it cannot be read."""
    # Imported late: the sandbox's process needs the settings, and SQLAlchemy for nothing else.
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(database_url)
    except (ArgumentError, ValueError):
        raise ValueError(
            "DATABASE_URL must read postgresql://user:password@host:port/name, with a number for"
            " the port."
        ) from None
    return database_url


def is_of_mail_server(smtp_url: str) -> bool:
    """Whether mail can be handed over there."""
    try:
        parts = urlsplit(smtp_url)
        return (
            parts.scheme in {"smtp", "smtps"}
            and bool(parts.hostname)
            and parts.port != 0  # A port that is no number raises.
            and parts.path in {"", "/"}
            and not parts.query
            and not parts.fragment
        )
    except ValueError:
        return False
