"""The command line. Every command is one thin call; what it does lives elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from assure_app import frontend, serving
from assure_app.domain.errors import BillingError
from assure_app.settings import Settings, SettingsError, get_settings, require_data_dir

app = typer.Typer(
    help="Assure Pro Billing, the payments desk of an accounting firm.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_out = Console(highlight=False, soft_wrap=True)
_errors = Console(highlight=False, soft_wrap=True, markup=False, stderr=True)
_START_TIMEOUT_SECONDS = 60
_WHO_MAY_SIGN_IN = """
Sign in with the password demo-demo-demo as
  jane@chenadvisory.com     owner and Stripe admin of Chen Advisory
  marcus@chenadvisory.com   admin, without Stripe
  lena@chenadvisory.com     may look at billing
  sarah@chenadvisory.com    preparer, sees no billing
  olga@northsidecpa.example owner of another firm
Clients sign in at /portal with a code from the mailbox, as
  anita@patelfamily.example may pay
  tom@harborpine.example    may only look
"""


@app.command()
def serve(
    *,
    demo_data: Annotated[
        bool, typer.Option(help="Load the demo firm into an empty database.")
    ] = True,
) -> None:
    """Build the pages if needed, migrate, and serve until Ctrl-C."""
    with _plain_refusals():
        settings = _ready_settings()
        serving.require_free_ports(settings)
        _build_pages()
    _migrate(settings)
    shows_demo = demo_data and settings.offers_demo
    if shows_demo:
        _load_demo_if_empty()
    supervisor = serving.Supervisor(serving.programs(settings))
    supervisor.start()
    if serving.wait_until_answering(
        settings.host, settings.port, timeout_seconds=_START_TIMEOUT_SECONDS
    ):
        _welcome(settings, shows_demo=shows_demo)
    supervisor.watch()


@app.command()
def worker() -> None:
    """Do the jobs and the periodic work until told to end; as many of them as one likes."""
    with _plain_refusals():
        _ready_settings()
    from assure_app.worker import engine

    engine.work_alone()


@app.command()
def build() -> None:
    """Build the pages if their sources changed."""
    with _plain_refusals():
        _build_pages()


@app.command()
def migrate(
    *,
    check: Annotated[
        bool, typer.Option(help="Change nothing; fail when models and migrations differ.")
    ] = False,
) -> None:
    """Bring the database up to date."""
    from assure_app.db import migrate as migrations

    if check:
        for difference in (differences := migrations.check()):
            _errors.print(difference)
        raise typer.Exit(1 if differences else 0)
    with _plain_refusals():
        settings = _ready_settings()
    with _plain_refusals():
        migrations.upgrade(settings.database_url)


@app.command()
def demo() -> None:
    """Load the demo firm into an empty database."""
    with _plain_refusals():
        settings = _ready_settings()
        if not settings.offers_demo:
            raise SettingsError(
                "The demo is for a sandbox on this machine, with a local PUBLIC_URL."
            )
    _migrate(settings)
    _load_demo_if_empty()


@app.command()
def verify() -> None:
    """Recompute every figure from the ledger; name each difference and fail when there is one."""
    from assure_app.billing.verification import Tally, differences
    from assure_app.db import version
    from assure_app.db.unit_of_work import reading

    tally, is_sound = Tally(), True
    with _plain_refusals():
        _ready_settings()
        with reading() as connection:
            if version.current(connection) != version.head():
                raise SettingsError("The database is not up to date: run “assure migrate” first.")
            for difference in differences(connection, tally):
                is_sound = False
                _errors.print(difference)
    if not is_sound:
        raise typer.Exit(1)
    _out.print(tally.sentence)


@app.command()
def reconcile(
    *,
    firm: Annotated[str, typer.Option(help="The name of one firm; without it, all of them.")] = "",
    full: Annotated[
        bool, typer.Option(help="From where the books begin, not from the last time on.")
    ] = False,
) -> None:
    """Compare the books with Stripe to the cent; name each difference and fail when there is one.

    Ends with 1 when there is a difference, with 2 when Stripe could not be asked.
    """
    from assure_app import clock
    from assure_app.billing import reconciliation_command

    with _plain_refusals():
        settings = _ready_settings()
    _migrate(settings)
    with _plain_refusals():
        compared = reconciliation_command.run(firm, is_full=full, now=clock.now)
    _out.print(reconciliation_command.table(compared))
    for each in compared:
        for sentence in each.differences:
            _errors.print(f"{each.firm}: {sentence}")
    if any(each.problem for each in compared):
        raise typer.Exit(2)
    if any(each.differences for each in compared):
        raise typer.Exit(1)


@app.command()
def add_firm(
    name: Annotated[str, typer.Argument(help="The firm's name.")],
    *,
    timezone: Annotated[str, typer.Option(help="Such as America/New_York.")],
    owner: Annotated[str, typer.Option(help="The owner's name.")],
    email: Annotated[str, typer.Option(help="The owner's email, to sign in with.")],
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)],
) -> None:
    """Open a firm with its owner; asks for the owner's password."""
    from assure_app import clock
    from assure_app.auth import passwords
    from assure_app.billing import firms

    with _plain_refusals():
        settings = _ready_settings()
        if problem := passwords.problem_of(password):
            raise SettingsError(problem)
    _migrate(settings)
    password_hash = passwords.hash_password(password)
    new = firms.NewFirm(
        name=name,
        timezone=timezone,
        owner_name=owner,
        owner_email=email,
        password_hash=password_hash,
    )
    with _plain_refusals():
        firms.open_firm(new, now=clock.now())
    _out.print(f"{name} is open. {email} signs in at {settings.public_url}")


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file of ours, Xero's or QuickBooks'.")],
    *,
    firm: Annotated[str, typer.Option(help="The name of the firm that gets the invoices.")],
    dates: Annotated[
        str, typer.Option(help="How to read 05/06/2026: month-first or day-first.")
    ] = "",
    check: Annotated[bool, typer.Option(help="Write nothing; say what it would do.")] = False,
) -> None:
    """Import clients and invoices from a CSV file, whole or not at all."""
    from assure_app import clock
    from assure_app.billing.importing import command_line

    with _plain_refusals():
        settings = _ready_settings()
    _migrate(settings)
    with _plain_refusals():
        for sentence in command_line.run(
            file, firm_name=firm, dates=dates, is_check=check, now=clock.now()
        ):
            _out.print(sentence)


def _ready_settings() -> Settings:
    settings = get_settings()
    require_data_dir(settings)
    return settings


def _build_pages() -> None:
    if not frontend.is_stale():
        return
    with _step("Building the pages (half a minute, only when they changed)"):
        frontend.build_if_stale()


def _migrate(settings: Settings) -> None:
    from assure_app.db import version

    with _plain_refusals(), _step("Bringing the database up to date"):
        if version.is_behind(settings.database_url):
            from assure_app.db import migrate as migrations

            migrations.upgrade(settings.database_url)


def _load_demo_if_empty() -> None:
    from assure_app.sandbox import first_start

    with _step("Looking after the demo firm"):
        first_start.load_if_empty()


def _welcome(settings: Settings, *, shows_demo: bool) -> None:
    _out.print(f"\nAssure Pro Billing is ready at [bold]{settings.public_url}[/bold]")
    if settings.mailbox_url:
        _out.print(f"Its email goes to nobody: it is kept at {settings.mailbox_url}")
    if shows_demo:
        _out.print(_WHO_MAY_SIGN_IN)
    _out.print("Ctrl-C ends it.")


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    _out.print(f"{what} … ", end="")
    yield
    _out.print(f"done in {time.monotonic() - began:.1f} s")


@contextmanager
def _plain_refusals() -> Iterator[None]:
    """End with status 2 and the sentence that mends it, never with a traceback."""
    try:
        yield
    except (SettingsError, frontend.BuildFailed, BillingError) as refusal:
        _errors.print(str(refusal))
    except SQLAlchemyError as error:
        _errors.print(f"\nDATABASE_URL names a database that cannot be used: {_cause(error)}")
    else:
        return
    raise typer.Exit(2)


def _cause(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None) or error
    return str(original).strip().splitlines()[0]


if __name__ == "__main__":
    app()
