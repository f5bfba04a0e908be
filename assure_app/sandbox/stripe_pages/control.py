"""The control page: a person makes happen what banks, customers and bad luck would."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assure_app.sandbox import shell
from assure_app.sandbox.stripe import Sandbox
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.hosted import NotFound
from assure_app.sandbox.stripe.overview import load_overview
from assure_app.sandbox.stripe.partition import PLATFORM
from assure_app.sandbox.stripe.seeds import CHEN_ADVISORY
from assure_app.sandbox.stripe_pages import control_acts, control_pages
from assure_app.sandbox.stripe_pages.forms import Typed

_SEE_OTHER = 303
_UNPROCESSABLE = 422


def show(sandbox: Sandbox, request: Request) -> Response:
    """One account as it stands; `?done=` tells what was done last."""
    done = control_acts.DONE.get(request.query_params.get("done", ""), "")
    return _page(sandbox, request.query_params.get("account", ""), told=done)


def act(sandbox: Sandbox, request: Request, typed: Typed) -> Response:
    """One button; what cannot be done is told on the page."""
    name = str(request.path_params["act"])
    account_id = typed.get("account", "")
    try:
        is_known = control_acts.do(sandbox, name, typed)
    except (ApiError, ValueError) as refusal:
        return _page(sandbox, account_id, refused=str(refusal))
    except KeyError:
        raise NotFound("Nothing was named.") from None
    if not is_known:
        raise NotFound("There is no such button.")
    given = urlencode({"account": account_id, "done": name})
    return RedirectResponse(f"/stripe?{given}", _SEE_OTHER)


def _page(sandbox: Sandbox, account_id: str, *, told: str = "", refused: str = "") -> Response:
    overview = load_overview(sandbox, account_id or CHEN_ADVISORY)
    if overview.account_id not in {row.id for row in overview.accounts if row.id != PLATFORM}:
        raise NotFound("There is no such account.")
    text = control_pages.control(sandbox, overview, told=told, refused=refused)
    page = shell.page("Stripe", text, place="Stripe", kind="control", has_script=True)
    return shell.html(page, status=_UNPROCESSABLE if refused else 200)
