"""One call of the API, from its headers to its answer."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assure_app.sandbox.stripe import expansion, faults, form, idempotency, ids
from assure_app.sandbox.stripe.endpoint import Endpoint
from assure_app.sandbox.stripe.errors import ApiError, invalid, no_access, unauthorized
from assure_app.sandbox.stripe.faults import Planned
from assure_app.sandbox.stripe.idempotency import Kept, KeysInUse
from assure_app.sandbox.stripe.parameters import Each, Text, check
from assure_app.sandbox.stripe.partition import API_VERSION, PLATFORM, Partition, shown
from assure_app.sandbox.stripe.sandbox import Sandbox
from assure_app.sandbox.stripe.store import Json

LARGEST_BYTES = 256 * 1024
_EXPAND = {"expand": Each(Text(most=200))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was read and is about to act."""

    endpoint: Endpoint
    path: str
    ids: dict[str, str]
    account: str
    given: Json
    request_id: str
    key: str | None


class Api:
    """Answers calls, each in one transaction with what is kept of its Idempotency-Key."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._keys = KeysInUse()

    async def answer(self, endpoint: Endpoint, request: Request) -> Response:
        """The response to a request, refusals among them."""
        request_id = ids.new_id("req", 14)
        try:
            call = await self._read(endpoint, request, request_id)
            planned = await run_in_threadpool(faults.for_call, self._sandbox.store, call.path)
            with self._keys.holding(call.account, call.key):
                await asyncio.sleep(planned.seconds_before)
                kept = await run_in_threadpool(self._act, call, planned)
            if planned.lost is not None:
                raise planned.lost
        except ApiError as error:
            kept = Kept(request_id=request_id, status=error.status, body=error.body)
        else:
            await asyncio.sleep(planned.seconds_after)
        return _response(kept, request_id)

    async def _read(self, endpoint: Endpoint, request: Request, request_id: str) -> Call:
        self._authenticate(request)
        account = request.headers.get("stripe-account") or PLATFORM
        await run_in_threadpool(self._require_access, account)
        if request.method == "POST":
            text = await _body(request)
            key = request.headers.get("idempotency-key")
        else:
            text, key = request.url.query, None
        return Call(
            endpoint=endpoint,
            path=request.url.path,
            ids=dict(request.path_params),
            account=PLATFORM if endpoint.for_platform else account,
            given=form.decode(text),
            request_id=request_id,
            key=key,
        )

    def _act(self, call: Call, planned: Planned) -> Kept:
        account = call.account
        mark = idempotency.fingerprint(call.endpoint.method, call.path, call.given)
        with self._sandbox.at(
            account, request_id=call.request_id, idempotency_key=call.key
        ) as partition:
            store, now = partition.store, partition.now
            kept = idempotency.find(store, account, call.key, mark, now=now)
            if kept is not None:
                return kept
            if planned.error is not None and planned.error.status == 429:
                raise planned.error
            given = check(
                call.given, {**_EXPAND, **call.endpoint.fields}, required=call.endpoint.required
            )
            paths = given.pop("expand", [])
            try:
                with store.attempt():
                    if planned.error is not None:
                        raise planned.error
                    status, body = _run(call, partition, given, paths)
            except ApiError as refusal:
                status, body = refusal.status, refusal.body
            if planned.error_after is not None:
                status, body = planned.error_after.status, planned.error_after.body
            kept = Kept(request_id=call.request_id, status=status, body=body)
            idempotency.keep(store, account, call.key, mark, kept, now=now)
            return kept

    def _authenticate(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise unauthorized(
                "You did not provide an API key. You need to provide your API key in the"
                " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
                " YOUR_SECRET_KEY')."
            )
        if not secrets.compare_digest(key.encode(), self._sandbox.keys.secret_key.encode()):
            raise unauthorized(f"Invalid API Key provided: {key[:8]}********")

    def _require_access(self, account: str) -> None:
        if account == PLATFORM:
            return
        with self._sandbox.at() as platform:
            found = platform.find(account)
        if found is None or found["object"] != "account" or found.get("_is_deauthorized"):
            raise no_access(account)


def _run(call: Call, partition: Partition, given: Json, paths: list[str]) -> tuple[int, Json]:
    """What was written before a decline stays; before any other refusal, nothing does."""
    try:
        body = shown(call.endpoint.answer(partition, given, **call.ids))
    except ApiError as refusal:
        if not refusal.is_kept:
            raise
        return refusal.status, refusal.body
    return 200, expansion.expand(partition, body, paths)


async def _body(request: Request) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    raw = b"".join([chunk async for chunk in _limited(request)])
    if raw and kind != "application/x-www-form-urlencoded":
        raise invalid(f"Invalid request: send a form, not '{kind[:50]}'.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise invalid("The request's body is not UTF-8.") from None


async def _limited(request: Request) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise ApiError(413, f"A request may hold {LARGEST_BYTES} bytes.")
        yield chunk


def _response(kept: Kept, request_id: str) -> Response:
    headers = {
        "Request-Id": request_id,
        "Stripe-Version": API_VERSION,
        "Cache-Control": "no-cache, no-store",
    }
    if kept.request_id != request_id:
        headers |= {"Original-Request": kept.request_id, "Idempotent-Replayed": "true"}
    return JSONResponse(kept.body, kept.status, headers)
