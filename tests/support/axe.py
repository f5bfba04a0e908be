"""Rules of accessibility that a machine can check, asked of a page as it stands (R145)."""

from typing import Any, Final, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
# Asked of what a person can reach: a modal dialog lies over everything else, and of a list whose
# rows are alike ten tell as much as fifty. Only what is broken comes back: all that is well with a
# page would be a megabyte of answer.
_RUN = """
    (rules) => {
        const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
        const alike = [[".list tbody tr:nth-child(n+11)"]];
        const asked = { include: [modal ?? document], exclude: alike };
        const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
        return axe.run(asked, options).then(({ violations }) => violations.flatMap(
            (rule) => rule.nodes.map((node) => [rule.id, node.target, node.failureSummary])
        ));
    }
"""
# The themes differ in nothing but color.
_ASKED: Final[dict[Scheme, tuple[str, ...]]] = {
    "dark": (),
    "light": ("color-contrast", "link-in-text-block"),
}


def broken_rules(page: Page, *rules: str) -> list[Any]:
    """Each broken rule, of these or of all: its name, where, and what is wrong there."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(_RUN, list(rules) or None)
    return found


def require_rules(page: Page, *, widths: tuple[int, ...] = ()) -> None:
    """In either theme the page breaks none, at each of these widths or as wide as it is.

    It is left in the light.
    """
    for width in widths or (None,):
        if width is not None:
            page.set_viewport_size({"width": width, "height": 740})
        for scheme, rules in _ASKED.items():
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html.dark")).to_have_count(1 if scheme == "dark" else 0)
            assert broken_rules(page, *rules) == []
