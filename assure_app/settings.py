"""What the environment says about this installation, read once and checked at the start."""

import os
from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
HIGHEST_PORT = 65534  # The port above an installation's own is kept for its sandbox.
MOST_PROXY_HOPS = 99


class SettingsError(Exception):
    """The environment cannot be used; the text is one sentence that says how to mend it."""


class Settings(BaseSettings):
    """The settings of one installation. Passwords and keys stay out of its repr."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = Field(default_factory=lambda known: _address(known["host"], known["port"]))
    data_dir: Path = Field(default=Path("data"), validation_alias="ASSURE_DATA_DIR")
    database_url: str = Field(
        default_factory=lambda known: f"sqlite:///{known['data_dir'] / 'assure.db'}", repr=False
    )
    redis_url: str | None = Field(default=None, repr=False)
    stripe_secret_key: SecretStr | None = None
    trusted_proxy_hops: int = 0
    smtp_url: SecretStr | None = None
    mail_from: str = Field(default_factory=lambda known: _billing_at(known["public_url"]))

    @property
    def is_sandbox(self) -> bool:
        """Whether money is make-believe: true until a Stripe key is set."""
        return self.stripe_secret_key is None

    @property
    def offers_demo(self) -> bool:
        """Whether the demo's people may sign in: in a sandbox that people reach on this machine."""
        return self.is_sandbox and urlsplit(self.public_url).hostname in LOOPBACK_HOSTS

    @property
    def sandbox_port(self) -> int:
        """Where the sandbox listens, on this machine only."""
        return self.port + 1

    @property
    def mailbox_url(self) -> str:
        """Where people read what the sandbox kept of the mail; "" where they cannot reach it."""
        if not self.is_sandbox or self.host not in LOOPBACK_HOSTS:
            return ""
        return f"{_address('127.0.0.1', self.sandbox_port)}/mailbox"

    @property
    def can_send_mail(self) -> bool:
        """Whether there is a mail server, or in its place the sandbox's mailbox."""
        return self.is_sandbox or self.smtp_url is not None

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins whose pages may open a live connection."""
        if self.host not in LOOPBACK_HOSTS:
            return (self.public_url,)
        local = (_address(name, self.port) for name in ("127.0.0.1", "localhost"))
        return tuple(dict.fromkeys((self.public_url, *local)))

    @field_validator("port", mode="before")
    @classmethod
    def _port_is_a_number(cls, value: object) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= HIGHEST_PORT:
            raise ValueError(f"PORT must be a number from 1 to {HIGHEST_PORT}, not “{text}”.")
        return int(text)

    @field_validator("trusted_proxy_hops", mode="before")
    @classmethod
    def _proxy_hops_are_a_number(cls, value: object) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PROXY_HOPS))):
            raise ValueError(
                "TRUSTED_PROXY_HOPS must be how many reverse proxies stand in front, from 0 to"
                f" {MOST_PROXY_HOPS}, not “{text}”."
            )
        return int(text)

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ValueError(
                "PUBLIC_URL must be the address people type, such as"
                f" https://billing.example.com, not “{value}”."
            )
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("data_dir")
    @classmethod
    def _data_dir_is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _database_is_supported(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        if separator and scheme == "sqlite" and rest.strip("/"):
            return value
        if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            return _with_a_usable_port(f"postgresql+psycopg://{rest}")
        raise ValueError(
            "DATABASE_URL must begin with postgresql://, or be sqlite:/// and the path of a file."
        )

    @field_validator("redis_url")
    @classmethod
    def _redis_is_an_address(cls, value: str | None) -> str | None:
        if value is None or urlsplit(value).scheme in {"redis", "rediss", "unix"}:
            return value
        raise ValueError("REDIS_URL must begin with redis://, rediss:// or unix://.")

    @field_validator("smtp_url")
    @classmethod
    def _smtp_is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or _is_smtp_address(value.get_secret_value()):
            return value
        raise ValueError(
            "SMTP_URL must read smtp://user:password@host:587, or smtps:// for a server that speaks"
            " TLS from the first byte; write a special character of the password as %40."
        )

    @field_validator("mail_from")
    @classmethod
    def _mail_comes_from_an_address(cls, value: str) -> str:
        try:
            address = Address(addr_spec=value)
        except (ValueError, LookupError, HeaderParseError):
            address = None
        if address is None or not address.domain or not value.isascii() or not value.isprintable():
            raise ValueError(
                "MAIL_FROM must be the address that mail comes from, such as"
                f" billing@example.com, not “{value}”."
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _outside_needs_a_public_url(cls, values: dict[str, Any]) -> dict[str, Any]:
        host = values.get("host", "127.0.0.1")
        if host not in LOOPBACK_HOSTS and not values.get("public_url"):
            raise ValueError(
                f"HOST is {host}, which other machines can reach, so PUBLIC_URL must say the"
                " address people will use, such as https://billing.example.com."
            )
        return values


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once.

    Raises SettingsError when the environment cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        message = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise SettingsError(message) from None


def require_data_dir(settings: Settings) -> None:
    """Make the data directory, readable by its owner alone.

    Raises SettingsError when it cannot be made or written to.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(settings.data_dir, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise SettingsError(
            "ASSURE_DATA_DIR must be a directory this user may write to;"
            f" {settings.data_dir} is not."
        )


def _with_a_usable_port(database_url: str) -> str:
    try:
        make_url(database_url)
    except (ArgumentError, ValueError):
        raise ValueError(
            "DATABASE_URL must read postgresql://user:password@host:port/name, with a number for"
            " the port."
        ) from None
    return database_url


def _is_smtp_address(smtp_url: str) -> bool:
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


def _billing_at(public_url: str) -> str:
    host = urlsplit(public_url).hostname or "localhost"
    return f"billing@{'localhost' if host in LOOPBACK_HOSTS else host}"


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
