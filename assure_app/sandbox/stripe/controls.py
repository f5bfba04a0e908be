"""The acts by HTTP: POST /_sandbox/<act> with JSON, for whoever knows the control token."""

import inspect
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from assure_app.sandbox.stripe import acts, hosted
from assure_app.sandbox.stripe.errors import ApiError
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox.stripe.store import Json

LARGEST_BYTES = 16 * 1024


def pay(sandbox: Sandbox, *, session: str, method: str = "pm_card_visa", email: str = "") -> Json:
    """Pay a Checkout Session with a test method, as its page would."""
    outcome = hosted.pay_by_test_method(sandbox, session, method, email=email)
    return _told(outcome)


def authenticate(sandbox: Sandbox, *, session: str, passes: bool = True) -> Json:
    """Confirm, or fail, the bank's own step of a Checkout Session."""
    return _told(hosted.authenticate(sandbox, session, passes=passes))


def deliveries(sandbox: Sandbox) -> Json:
    """What still waits to be sent."""
    waiting = sandbox.deliveries(is_due=False)
    return {"waiting": [{"event": each.event_id, "type": each.event_type} for each in waiting]}


ACTS: Mapping[str, Callable[..., Json]] = {
    "advance": acts.advance,
    "settle": acts.settle,
    "fail": acts.fail,
    "return_late": acts.return_late,
    "dispute": acts.dispute,
    "win_dispute": acts.win_dispute,
    "lose_dispute": acts.lose_dispute,
    "escalate_dispute": acts.escalate_dispute,
    "reverse_dispute": acts.reverse_dispute,
    "charge": acts.charge,
    "refund": acts.refund,
    "fail_refund": acts.fail_refund,
    "renew_card": acts.renew_card,
    "pay_out": acts.pay_out,
    "fail_payout": acts.fail_payout,
    "set_balance": acts.set_balance,
    "enable_account": acts.enable_account,
    "deauthorize": acts.deauthorize,
    "fault": acts.plan_fault,
    "reset_faults": acts.reset_faults,
    "pay": pay,
    "authenticate": authenticate,
    "deliveries": deliveries,
}


def routes(sandbox: Callable[[], Sandbox]) -> list[BaseRoute]:
    """The controls' one route."""

    async def control(request: Request) -> Response:
        opened = sandbox()
        if not _is_allowed(request, opened.keys.control_token):
            return _refusal("Send the control token as a bearer token.", 401)
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return _refusal(f"The acts are {', '.join(ACTS)}.", 404)
        raw = await _limited(request)
        if raw is None:
            return _refusal("At most 16 kB.", 413)
        return await run_in_threadpool(_do, act, opened, raw)

    return [Route("/_sandbox/{act}", control, methods=["POST"])]


def _do(act: Callable[..., Json], sandbox: Sandbox, raw: bytes) -> Response:
    try:
        given = _checked(act, json.loads(raw or b"{}"))
        return JSONResponse(act(sandbox, **given))
    except ApiError as refusal:
        return JSONResponse(refusal.body, refusal.status)
    except (ValueError, LookupError) as refusal:
        return _refusal(str(refusal)[:300], 400)


def _checked(act: Callable[..., Json], given: Any) -> dict[str, Any]:
    """The values by name. Raises ValueError for what the act does not take."""
    if not isinstance(given, dict):
        raise ValueError("Send a JSON object.")  # noqa: TRY004 - it came from outside
    takes = {
        name: parameter
        for name, parameter in inspect.signature(act).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    for name, value in given.items():
        if name not in takes or not isinstance(value, _kinds(takes[name].annotation)):
            raise ValueError(f"This act takes {', '.join(takes) or 'nothing'}.")
    missing = [name for name, each in takes.items() if each.default is each.empty]
    if not set(missing) <= given.keys():
        raise ValueError(f"This act needs {', '.join(missing)}.")
    return given


def _kinds(annotation: type) -> tuple[type, ...]:
    return (int, float) if annotation is float else (annotation,)


def _is_allowed(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and secrets.compare_digest(given.encode(), token.encode())


async def _limited(request: Request) -> bytes | None:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BYTES:
            return None
    return raw


def _told(outcome: hosted.Outcome) -> Json:
    if isinstance(outcome, hosted.Finished):
        return {"outcome": "finished", "url": outcome.url}
    if isinstance(outcome, hosted.Declined):
        return {"outcome": "declined", "sentence": outcome.sentence}
    return {"outcome": "needs_authentication"}


def _refusal(message: str, status: int) -> Response:
    error = {"type": "invalid_request_error", "message": message}
    return JSONResponse({"error": error}, status)
