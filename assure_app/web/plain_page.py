"""A page of one sentence, for an address that leads to no page of the application."""

from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
:root{color-scheme:light dark;--bg:#fafaf9;--surface:#fff;--line:#e7e5e4;--ink:#1c1917;
--ink-2:#57534e;--accent:#1d4ed8;--accent-ink:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#0c0a09;--surface:#171412;--line:#2b2622;
--ink:#f5f5f4;--ink-2:#b8b2ac;--accent:#8bb0ff;--accent-ink:#0b1220}}
body{margin:0;background:var(--bg);color:var(--ink);
font:14px/20px "Inter Variable",system-ui,sans-serif}
main{max-width:440px;margin:0 auto;padding:clamp(24px,18vh,200px) 16px 32px}
div{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:24px}
h1{margin:0 0 8px;font-size:22px;line-height:28px;font-weight:650;letter-spacing:-.01em}
p{margin:0 0 20px;color:var(--ink-2)}
a,button{display:inline-block;padding:8px 14px;border:0;border-radius:8px;font:inherit;
background:var(--accent);color:var(--accent-ink);text-decoration:none;font-weight:550}
button{cursor:pointer}
h1,p{overflow-wrap:anywhere}
form{margin:0}
a:focus-visible,button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The one thing to do on a page: it posts this name and value to the page's own address."""

    label: str
    name: str
    value: str


def page(heading: str, sentence: str, *, back: str, status_code: int) -> HTMLResponse:
    """The sentence under a heading, and the way back; all three are plain text."""
    link = f'<a href="{escape(back, quote=True)}">Back to invoices</a>'
    return _page(heading, sentence, link, status_code=status_code)


def asking(heading: str, sentence: str, button: Button | None, *, status_code: int) -> HTMLResponse:
    """The sentence under a heading, and a button if there is something to do; all plain text."""
    return _page(heading, sentence, _form(button) if button else "", status_code=status_code)


def _form(button: Button) -> str:
    name, value = escape(button.name, quote=True), escape(button.value, quote=True)
    return (
        f'<form method="post"><button type="submit" name="{name}" value="{value}">'
        f"{escape(button.label)}</button></form>"
    )


def _page(heading: str, sentence: str, act: str, *, status_code: int) -> HTMLResponse:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)} · Assure Pro</title><style>{_STYLE}</style></head><body>"
        f"<main><div><h1>{escape(heading)}</h1><p>{escape(sentence)}</p>"
        f"{act}</div></main></body></html>"
    )
    return HTMLResponse(html, status_code=status_code, headers={"Cache-Control": "no-store"})
