"""Stripe's own tool makes things happen at the sandbox, over real HTTP, as it does at Stripe."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assure_app.sandbox_keys import read
from assure_app.serving import SANDBOX_HOST, sandbox_program, wait_until_answering
from assure_app.settings import Settings
from tests.support import stripe_cli
from tests.support.ports import free_port

TOOL = stripe_cli.executable()
AT_ONCE = 4
# The tool still sends this one, which Stripe took away from the API since.
INTENT = ("--remove", "payment_intent:payment_method_types")
SETUP = ("--remove", "setup_intent:payment_method_types")
TRIGGERS = {
    "payment_intent.created": INTENT,
    "payment_intent.succeeded": INTENT,
    "payment_intent.payment_failed": INTENT,
    "payment_intent.requires_action": INTENT,
    "payment_intent.canceled": INTENT,
    "charge.succeeded": INTENT,
    "charge.failed": INTENT,
    "charge.refunded": INTENT,
    "charge.dispute.created": INTENT,
    "charge.dispute.closed": INTENT,
    "setup_intent.succeeded": SETUP,
    "setup_intent.setup_failed": SETUP,
    "customer.created": (),
    "payment_method.attached": (),
    "account.updated": (),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The sandbox in a process of its own."""
    directory, port = tmp_path_factory.mktemp("sandbox"), free_port()
    given = {"ASSURE_DATA_DIR": str(directory), "PORT": str(port)}
    settings = Settings(port=port).model_copy(update={"data_dir": directory})
    program = sandbox_program(settings)
    process = subprocess.Popen(program.command, env=os.environ | given, stdin=subprocess.DEVNULL)
    try:
        assert wait_until_answering(SANDBOX_HOST, settings.sandbox_port, timeout_seconds=60)
        yield settings
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.skipif(TOOL is None, reason="npm does not serve Stripe's tool here")
def test_what_stripes_own_tool_triggers_happens(sandbox: Settings, tmp_path: Path) -> None:
    def trigger(event: str) -> tuple[str, str]:
        return event, _run(event, sandbox, tmp_path)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = dict(threads.map(trigger, TRIGGERS))

    assert {event: text for event, text in said.items() if "Trigger succeeded" not in text} == {}


def _run(event: str, sandbox: Settings, home: Path) -> str:
    assert TOOL is not None
    outcome = subprocess.run(
        [
            *(str(TOOL), "trigger", event, *TRIGGERS[event]),
            *("--api-base", f"http://127.0.0.1:{sandbox.sandbox_port}"),
            *("--api-key", read(sandbox).secret_key),
        ],
        env={
            "HOME": str(home),
            "PATH": os.defpath,
            "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
            "HTTPS_PROXY": "http://127.0.0.1:9",  # It would look for a newer version of itself.
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return outcome.stdout
