"""A half-configured start is refused with the one sentence that mends it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assure_app.frontend import PROJECT
from assure_app.settings import Settings, SettingsError, get_settings, require_data_dir


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def settings_from(patch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        patch.setenv(name, value)
    return get_settings()


def test_the_defaults_are_a_sandbox_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = settings_from(monkeypatch, ASSURE_DATA_DIR=str(tmp_path))

    assert settings.host == "127.0.0.1"
    assert settings.port == 8000
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{tmp_path}/assure.db"
    assert settings.uses_sqlite
    assert settings.redis_url is None
    assert settings.is_sandbox
    assert settings.allowed_origins == ("http://127.0.0.1:8000", "http://localhost:8000")


@pytest.mark.parametrize(
    "given", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_every_spelling_of_postgresql_means_the_one_driver(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    settings = settings_from(monkeypatch, DATABASE_URL=given)

    assert settings.database_url == "postgresql+psycopg://u:p@h/d"
    assert not settings.uses_sqlite


def test_an_outside_address_allows_its_own_origin_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(monkeypatch, HOST="0.0.0.0", PUBLIC_URL="https://billing.example.com/")

    assert settings.allowed_origins == ("https://billing.example.com",)


def test_passwords_and_keys_stay_out_of_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(
        monkeypatch,
        DATABASE_URL="postgresql://billing:hidden@h/d",
        REDIS_URL="redis://:hidden@h",
        STRIPE_SECRET_KEY="sk_test_hidden",
        STRIPE_WEBHOOK_SECRET="whsec_hidden",
        SMTP_URL="smtp://billing:hidden@mail.example.com",
    )

    assert "hidden" not in repr(settings)
    assert not settings.is_sandbox


@pytest.mark.parametrize("port", ["0", "65535", "-1", "80a", "8000.5", "٣"])
def test_a_port_out_of_range_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        settings_from(monkeypatch, PORT=port)

    assert str(refusal.value) == f"PORT must be a number from 1 to 65534, not “{port}”."


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "assure.db", "sqlite://", ":secret"])
def test_an_unknown_database_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(
        SettingsError, match="DATABASE_URL must begin with postgresql://"
    ) as refusal:
        settings_from(monkeypatch, DATABASE_URL=address)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        "mail.example.com:587",
        "http://u:secret@mail.example.com",
        "smtp://",
        "smtp://u:secret@",
        "smtp://u:secret@mail.example.com:many",
        "smtp://u:secret@mail.example.com:99999",
        "smtp://u:sec/ret@mail.example.com:587",
        "smtp://u:sec#ret@mail.example.com:587",
    ],
)
def test_a_wrong_mail_server_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(
        SettingsError, match="SMTP_URL must read smtp://user:password@host:587"
    ) as refusal:
        settings_from(monkeypatch, SMTP_URL=address)

    assert "secret" not in str(refusal.value)


def test_mail_goes_to_the_sandbox_until_there_is_a_server_or_real_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_from(monkeypatch, PORT="8100")

    assert settings.can_send_mail
    assert settings.mailbox_url == "http://127.0.0.1:8101/mailbox"
    assert settings.mail_from == "billing@localhost"

    get_settings.cache_clear()
    real = settings_from(
        monkeypatch,
        HOST="0.0.0.0",
        PUBLIC_URL="https://billing.example.com",
        STRIPE_SECRET_KEY="sk_test_hidden",
        STRIPE_WEBHOOK_SECRET="whsec_hidden",
    )
    assert not real.can_send_mail
    assert real.mailbox_url == ""
    assert real.mail_from == "billing@billing.example.com"

    get_settings.cache_clear()
    assert settings_from(monkeypatch, SMTP_URL="smtp://mail.example.com").can_send_mail


def test_without_a_key_stripe_is_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_from(monkeypatch, PORT="8100")

    assert settings.stripe_api_base == "http://127.0.0.1:8101"
    assert settings.is_sandbox
    assert not settings.moves_real_money


@pytest.mark.parametrize(
    ("key", "is_real"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False)],
)
def test_with_both_keys_it_is_stripe_itself(
    monkeypatch: pytest.MonkeyPatch, key: str, is_real: bool
) -> None:
    settings = settings_from(monkeypatch, STRIPE_SECRET_KEY=key, STRIPE_WEBHOOK_SECRET="whsec_1")

    assert settings.stripe_api_base == "https://api.stripe.com"
    assert not settings.is_sandbox
    assert settings.moves_real_money is is_real


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("https://stripe.example.com", "https://stripe.example.com"),
    ],
)
def test_a_test_key_may_go_elsewhere(
    monkeypatch: pytest.MonkeyPatch, address: str, kept: str
) -> None:
    both = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}

    assert settings_from(monkeypatch, **both, STRIPE_API_BASE=address).stripe_api_base == kept


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"STRIPE_SECRET_KEY": "sk_test_hidden"}, "is set without STRIPE_WEBHOOK_SECRET"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_hidden"}, "is set without STRIPE_SECRET_KEY"),
        ({"STRIPE_API_BASE": "https://hidden.example"}, "is set without STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "pk_live_hidden"}, "must be the secret key of your Stripe account"),
        ({"STRIPE_SECRET_KEY": "sk_live_hid den"}, "must be the secret key of your Stripe account"),
        ({"STRIPE_SECRET_KEY": "sk_test_"}, "must be the secret key of your Stripe account"),
        ({"STRIPE_SECRET_KEY": "sk_test_hidden\n"}, "must be the secret key of your"),
        ({"STRIPE_WEBHOOK_SECRET": "hidden"}, "must be the signing secret"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_1, whsec_hidden"}, "must be the signing secret"),
    ],
)
def test_half_a_stripe_is_refused_without_its_keys(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as refusal:
        settings_from(monkeypatch, **environment)

    assert "hid" not in str(refusal.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://stripe.example.com",
        "https://api.stripe.com/v1",
        "https://user@api.stripe.com",
        "api.stripe.com",
        "https://",
    ],
)
def test_an_unsafe_address_of_stripe_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    both = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}

    with pytest.raises(SettingsError, match="STRIPE_API_BASE must be an https:// address"):
        settings_from(monkeypatch, **both, STRIPE_API_BASE=address)


@pytest.mark.parametrize("key", ["sk_live_hidden", "rk_live_hidden"])
@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "https://api.stripe.com.example"])
def test_a_live_key_goes_to_stripe_alone(
    monkeypatch: pytest.MonkeyPatch, key: str, address: str
) -> None:
    with pytest.raises(SettingsError, match="is a live key, which is for Stripe alone") as refusal:
        settings_from(
            monkeypatch,
            STRIPE_SECRET_KEY=key,
            STRIPE_WEBHOOK_SECRET="whsec_1",
            STRIPE_API_BASE=address,
        )

    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"HOST": "0.0.0.0"}, "PUBLIC_URL must say the address people will use"),
        ({"PUBLIC_URL": "billing.example.com"}, "PUBLIC_URL must be the address people type"),
        ({"PUBLIC_URL": "https://a.example/desk"}, "PUBLIC_URL must be the address people type"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must begin with redis://"),
        ({"MAIL_FROM": "billing"}, "MAIL_FROM must be the address that mail comes from"),
        ({"MAIL_FROM": "billing@"}, "MAIL_FROM must be the address that mail comes from"),
        ({"MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "MAIL_FROM must be the address"),
        ({"MAIL_FROM": "Chen <billing@chen.example>"}, "MAIL_FROM must be the address"),
    ],
)
def test_what_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        settings_from(monkeypatch, **environment)


def test_a_data_directory_that_is_a_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "occupied"
    place.touch()
    settings = settings_from(monkeypatch, ASSURE_DATA_DIR=str(place))

    with pytest.raises(SettingsError, match="ASSURE_DATA_DIR must be a directory"):
        require_data_dir(settings)


def test_the_data_directory_is_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = settings_from(monkeypatch, ASSURE_DATA_DIR=str(tmp_path / "a" / "b"))

    require_data_dir(settings)

    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_the_command_line_refuses_in_one_line_with_status_2(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "assure_app.cli", "serve"],
        env=os.environ | {"PORT": "eighty", "ASSURE_DATA_DIR": str(tmp_path)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert outcome.stderr == "PORT must be a number from 1 to 65534, not “eighty”.\n"
