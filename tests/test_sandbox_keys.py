"""One set of keys for the product and its sandbox, whoever comes first."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from assure_app import sandbox_keys
from assure_app.settings import Settings, SettingsError, get_settings


def settings_in(directory: Path) -> Settings:
    return get_settings().model_copy(update={"data_dir": directory})


def test_the_keys_are_made_once_and_look_like_stripes(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data")

    keys = sandbox_keys.read(settings)

    assert keys.secret_key.startswith("sk_test_")
    assert keys.webhook_secret.startswith("whsec_")
    assert len({keys.secret_key, keys.webhook_secret, keys.control_token}) == 3
    assert sandbox_keys.read(settings) == keys
    assert Settings(
        stripe_secret_key=keys.secret_key, stripe_webhook_secret=keys.webhook_secret
    ).stripe_secret_key


def test_only_their_owner_can_read_them_and_no_repr_shows_them(tmp_path: Path) -> None:
    keys = sandbox_keys.read(settings_in(tmp_path))

    place = tmp_path / "sandbox" / "keys.json"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert list(place.parent.iterdir()) == [place]
    assert repr(keys) == "SandboxKeys()"


def test_those_who_come_at_once_get_the_same_keys(tmp_path: Path) -> None:
    rivals = 8
    start = Barrier(rivals)

    def read(_number: int) -> sandbox_keys.SandboxKeys:
        start.wait()
        return sandbox_keys.read(settings_in(tmp_path))

    with ThreadPoolExecutor(rivals) as threads:
        keys = set(threads.map(read, range(rivals)))

    assert len(keys) == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", json.dumps({"secret_key": "sk_test_1"}), "\udcff"]
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, content: str) -> None:
    place = tmp_path / "sandbox" / "keys.json"
    place.parent.mkdir()
    place.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(SettingsError, match=r"keys\.json does not hold the sandbox’s keys"):
        sandbox_keys.read(settings_in(tmp_path))


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sandbox").touch()

    with pytest.raises(SettingsError, match=r"keys\.json cannot be written"):
        sandbox_keys.read(settings_in(tmp_path))
