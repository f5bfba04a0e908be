"""Customers of an account."""

from collections.abc import Mapping

from assure_app.sandbox.stripe import ids, payment_methods
from assure_app.sandbox.stripe.endpoint import Endpoint, reads
from assure_app.sandbox.stripe.listing import lists
from assure_app.sandbox.stripe.parameters import ADDRESS, Kind, Labels, Text, Within
from assure_app.sandbox.stripe.partition import Partition, labelled
from assure_app.sandbox.stripe.store import Json

_PATH = "/v1/customers"
_TEXTS = ("name", "email", "phone", "description")
_FIELDS: Mapping[str, Kind] = {
    **dict.fromkeys(_TEXTS, Text(most=512)),
    "address": ADDRESS,
    "invoice_settings": Within({"default_payment_method": Text()}),
    "metadata": Labels(),
}


def make(partition: Partition, given: Json) -> Json:
    """A new customer."""
    settings = {"custom_fields": None, "footer": None, "rendering_options": None}
    customer = partition.add(
        "customer",
        {
            "id": ids.new_id("cus", 14),
            "address": given.get("address"),
            "balance": 0,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "discount": None,
            "invoice_prefix": ids.token(8).upper(),
            "invoice_settings": {"default_payment_method": None} | settings,
            "livemode": False,
            "metadata": labelled(None, given.get("metadata")),
            "next_invoice_sequence": 1,
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            "test_clock": None,
        }
        | {name: given.get(name) for name in _TEXTS},
    )
    partition.emit("customer.created", customer)
    return customer


def create(partition: Partition, given: Json) -> Json:
    customer = make(partition, given)
    if method_id := given.get("payment_method"):
        payment_methods.attach(partition, {"customer": customer["id"]}, object_id=method_id)
    if given.get("invoice_settings"):
        _settle_default(partition, customer, given)
        partition.save(customer)
    return customer


def update(partition: Partition, given: Json, *, object_id: str) -> Json:
    customer = partition.get("customer", object_id)
    changes = {name: given[name] for name in (*_TEXTS, "address") if name in given}
    if "metadata" in given:
        changes["metadata"] = labelled(customer["metadata"], given["metadata"])
    previous = {name: customer[name] for name in changes}
    customer.update(changes)
    _settle_default(partition, customer, given)
    partition.save(customer)
    partition.emit("customer.updated", customer, **previous)
    return customer


def delete(partition: Partition, _given: Json, *, object_id: str) -> Json:
    customer = partition.get("customer", object_id)
    for method in partition.search("payment_method", customer=object_id):
        partition.save(method, customer=None)
    partition.save(customer, deleted=True)
    partition.emit("customer.deleted", customer)
    return {"id": object_id, "object": "customer", "deleted": True}


def list_methods(partition: Partition, given: Json, *, object_id: str) -> Json:
    partition.get("customer", object_id)
    return payment_methods.page_of(
        partition, given | {"customer": object_id}, url=f"{_PATH}/{object_id}/payment_methods"
    )


def _settle_default(partition: Partition, customer: Json, given: Json) -> None:
    settings = given.get("invoice_settings", {})
    if "default_payment_method" not in settings:
        return
    method_id = settings["default_payment_method"]
    if method_id:
        payment_methods.require_attached(
            partition, method_id, customer["id"], param="invoice_settings[default_payment_method]"
        )
    customer["invoice_settings"]["default_payment_method"] = method_id


ENDPOINTS = (
    Endpoint(
        method="POST", path=_PATH, answer=create, fields={**_FIELDS, "payment_method": Text()}
    ),
    Endpoint(method="POST", path=f"{_PATH}/{{object_id}}", answer=update, fields=_FIELDS),
    Endpoint(method="DELETE", path=f"{_PATH}/{{object_id}}", answer=delete),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{object_id}}/payment_methods",
        answer=list_methods,
        fields=payment_methods.LIST_OF_CUSTOMER,
    ),
    reads("customer", _PATH),
    lists("customer", _PATH, email=Text(most=512)),
)
