"""No handler goes without saying who may run it."""

from reflex_base.constants.compiler import CompileVars

from assure_app.assure_app import app
from assure_app.auth.guard import (
    FRAMEWORK_EVENTS,
    FRAMEWORK_EVENTS_OF_PEOPLE,
    AccessGuard,
    is_marked,
)
from tests.attack.support import handlers

# Reflex's own; those that its pages do not need are dropped by the guard.
FRAMEWORK_MODULES = ("reflex.", "reflex_base.", "reflex_components_")


def test_every_handler_of_the_product_bears_a_mark() -> None:
    unmarked = [
        name
        for name, registered in handlers().items()
        if not is_marked(registered.handler.fn)
        and not registered.states[0].__module__.startswith(FRAMEWORK_MODULES)
        and not name.endswith(".setvar")
    ]

    assert unmarked == []


def test_the_framework_events_let_through_are_the_ones_its_pages_send() -> None:
    every = FRAMEWORK_EVENTS | FRAMEWORK_EVENTS_OF_PEOPLE

    assert every <= handlers().keys()
    assert CompileVars.UPDATE_VARS_INTERNAL in {name.split(".", 1)[1] for name in every}
    assert CompileVars.ON_LOAD_INTERNAL in {name.split(".", 1)[1] for name in every}


def test_the_guard_goes_before_all_other_middleware() -> None:
    assert isinstance(app._middlewares[0], AccessGuard)
