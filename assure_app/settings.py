"""What the environment says about this installation, read once and checked at the start."""

import os
import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assure_app import addresses
from assure_app.addresses import LOOPBACK_HOSTS

HIGHEST_PORT = 65534  # The port above an installation's own is kept for its sandbox.
MOST_PROXY_HOPS = 99
STRIPE_ADDRESS = "https://api.stripe.com"
_SECRET_KEY = re.compile(r"[rs]k_(live|test)_[A-Za-z0-9_]{1,240}", re.ASCII)
_WEBHOOK_SECRETS = re.compile(r"whsec_[A-Za-z0-9+/=_]{1,240}(,whsec_[A-Za-z0-9+/=_]{1,240})?")
_LIVE_KEY = re.compile(r"[rs]k_live_")


class SettingsError(Exception):
    """The environment cannot be used; the text is one sentence that says how to mend it."""


class Settings(BaseSettings):
    """The settings of one installation. Passwords and keys stay out of its repr."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = Field(
        default_factory=lambda known: addresses.of_host(known["host"], known["port"])
    )
    data_dir: Path = Field(default=Path("data"), validation_alias="ASSURE_DATA_DIR")
    database_url: str = Field(
        default_factory=lambda known: f"sqlite:///{known['data_dir'] / 'assure.db'}", repr=False
    )
    redis_url: str | None = Field(default=None, repr=False)
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_api_base: str = Field(
        default_factory=lambda known: _stripe_at(known["stripe_secret_key"], known["port"])
    )
    trusted_proxy_hops: int = 0
    smtp_url: SecretStr | None = None
    mail_from: str = Field(default_factory=lambda known: addresses.of_billing(known["public_url"]))

    @property
    def is_sandbox(self) -> bool:
        """Whether money is make-believe: true until a Stripe key is set."""
        return self.stripe_secret_key is None

    @property
    def moves_real_money(self) -> bool:
        """Whether the key is a live one; a test key and the sandbox move none."""
        key = self.stripe_secret_key
        return key is not None and _LIVE_KEY.match(key.get_secret_value()) is not None

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
        return f"{addresses.of_host('127.0.0.1', self.sandbox_port)}/mailbox"

    @property
    def can_send_mail(self) -> bool:
        """Whether there is a mail server, or in its place the sandbox's mailbox."""
        return self.is_sandbox or self.smtp_url is not None

    @property
    def mail_leaves(self) -> bool:
        """False where people take for sent what only the sandbox's hidden mailbox keeps."""
        return self.smtp_url is not None or bool(self.mailbox_url)

    @property
    def uses_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins whose pages may open a live connection."""
        if self.host not in LOOPBACK_HOSTS:
            return (self.public_url,)
        local = (addresses.of_host(name, self.port) for name in ("127.0.0.1", "localhost"))
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
            return addresses.with_a_usable_port(f"postgresql+psycopg://{rest}")
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
        if value is None or addresses.is_of_mail_server(value.get_secret_value()):
            return value
        raise ValueError(
            "SMTP_URL must read smtp://user:password@host:587, or smtps:// for a server that speaks"
            " TLS from the first byte; write a special character of the password as %40."
        )

    @field_validator("stripe_secret_key")
    @classmethod
    def _stripe_key_is_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or _SECRET_KEY.fullmatch(value.get_secret_value()):
            return value
        raise ValueError(
            "STRIPE_SECRET_KEY must be the secret key of your Stripe account: it begins with"
            " sk_live_ or sk_test_ (a restricted key with rk_), not with pk_."
        )

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _webhook_secret_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or _WEBHOOK_SECRETS.fullmatch(value.get_secret_value()):
            return value
        raise ValueError(
            "STRIPE_WEBHOOK_SECRET must be the signing secret of the webhook endpoint; it begins"
            " with whsec_. Two endpoints have two, with a comma and no space between them."
        )

    @field_validator("stripe_api_base")
    @classmethod
    def _stripe_is_reached_safely(cls, value: str) -> str:
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
        )
        if not is_safe or not parts.hostname or "@" in parts.netloc or parts.path.strip("/"):
            raise ValueError(
                "STRIPE_API_BASE must be an https:// address, or http:// on this machine, and"
                " nothing after the host and port; leave it out to use Stripe itself."
            )
        return f"{parts.scheme}://{parts.netloc}"

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

    @model_validator(mode="after")
    def _stripe_is_whole(self) -> Self:
        if self.stripe_secret_key is None:
            if self.stripe_webhook_secret is not None:
                raise ValueError(
                    "STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY: set both to use"
                    " Stripe, or neither to use the sandbox."
                )
            if self.stripe_api_base != _stripe_at(None, self.port):
                raise ValueError(
                    "STRIPE_API_BASE is set without STRIPE_SECRET_KEY: the sandbox has an address"
                    " of its own, so leave it out."
                )
        elif self.stripe_webhook_secret is None:
            raise ValueError(
                "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET, so nobody could tell us of"
                " a payment: set the signing secret of the endpoint at PUBLIC_URL/stripe/webhook."
            )
        if self.moves_real_money and self.stripe_api_base != STRIPE_ADDRESS:
            raise ValueError(
                "STRIPE_SECRET_KEY is a live key, which is for Stripe alone: leave out"
                " STRIPE_API_BASE, or use a test key."
            )
        return self


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


def _stripe_at(secret_key: SecretStr | None, port: int) -> str:
    return addresses.of_host("127.0.0.1", port + 1) if secret_key is None else STRIPE_ADDRESS
