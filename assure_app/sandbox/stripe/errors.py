"""Stripe's refusals, in the words and the JSON that its library understands."""

from assure_app.sandbox.stripe.store import Json

_DOCUMENTATION = "https://stripe.com/docs/error-codes"


class ApiError(Exception):
    """An answer other than 200. `is_kept`: what was written before it was raised stays."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        is_kept: bool = False,
        **more: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        named = {"type": kind, "message": message, "code": code, "param": param} | more
        self._named = {name: value for name, value in named.items() if value}
        if code:
            self._named["doc_url"] = f"{_DOCUMENTATION}/{code.replace('_', '-')}"

    @property
    def body(self) -> Json:
        return {"error": dict(self._named)}


def unauthorized(message: str) -> ApiError:
    return ApiError(401, message)


def no_access(account: str) -> ApiError:
    return ApiError(
        403,
        f"The provided key does not have access to account '{account}' (or that account does not"
        " exist). Application access may have been revoked.",
        code="account_invalid",
    )


def unknown_parameter(name: str) -> ApiError:
    return ApiError(
        400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
    )


def missing_parameter(name: str) -> ApiError:
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid(message: str, *, param: str = "", code: str = "") -> ApiError:
    return ApiError(400, message, param=param, code=code)


def unexpected_state(message: str, *, code: str, **more: object) -> ApiError:
    """The object is in no state in which this can be done to it."""
    return ApiError(400, message, code=code, **more)  # type: ignore[arg-type]


def missing_object(noun: str, object_id: str, *, param: str = "id") -> ApiError:
    status = 404 if param == "id" else 400
    return ApiError(status, f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


def other_parameters(key: str) -> ApiError:
    return ApiError(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first"
        f" used with. Try using a key other than '{key}' if you meant to execute a different"
        " request.",
        kind="idempotency_error",
    )


def key_in_use(key: str) -> ApiError:
    return ApiError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably"
        f" means you submitted twice, and the other request is still going through): {key}.",
        kind="idempotency_error",
        code="idempotency_key_in_use",
    )
