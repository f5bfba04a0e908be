"""Rules of accessibility that a machine can check, asked of a page as it stands (R145)."""

from typing import Any, Final, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
# Only what is broken comes back: all that is well with a page would be a megabyte of answer.
_RUN = """
    axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
        (rule) => rule.nodes.map((node) => [rule.id, node.target, node.failureSummary])
    ))
"""


def broken_rules(page: Page) -> list[Any]:
    """Each broken rule: its name, where, and what is wrong there."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(_RUN)
    return found


def require_rules(page: Page, *, widths: tuple[int, ...] = ()) -> None:
    """In either theme the page breaks none, at each of these widths or as wide as it is.

    It is left in the light.
    """
    for width in widths or (None,):
        if width is not None:
            page.set_viewport_size({"width": width, "height": 740})
        for scheme in reversed(SCHEMES):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html.dark")).to_have_count(1 if scheme == "dark" else 0)
            assert broken_rules(page) == []
