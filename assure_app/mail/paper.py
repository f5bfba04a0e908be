"""What every letter with figures looks like: a card on paper, and a button that is a plain link."""

from html import escape

PAPER = "margin:0;padding:24px 12px;background:#f5f5f4;color:#1c1917"
FONT = "font:15px/23px -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
CARD = (
    "max-width:600px;margin:0 auto;background:#ffffff;border:1px solid #e7e5e4;"
    "border-radius:12px;padding:28px;box-sizing:border-box"
)
LIGHT = "color:#57534e;font-size:13px;line-height:19px"
LARGE = "font-size:30px;line-height:38px;font-weight:650;font-variant-numeric:tabular-nums"
_BUTTON = (
    "display:inline-block;padding:12px 24px;border-radius:8px;background:#1d4ed8;color:#ffffff;"
    "text-decoration:none;font-weight:600"
)
_TERM = f"{LIGHT};text-align:left;font-weight:400;padding:2px 16px 2px 0;vertical-align:baseline"


def page(*, title: str, firm: str, body: str) -> str:
    """A whole letter. `body` is HTML already; title and firm are plain text."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head>"
        f'<body style="{PAPER};{FONT}"><div style="{CARD}">'
        f'<p style="margin:0 0 20px;font-weight:600">{escape(firm)}</p>{body}'
        "</div></body></html>\n"
    )


def button(label: str, link: str) -> str:
    """The one thing to do."""
    return (
        f'<p style="margin:0 0 24px"><a href="{escape(link, quote=True)}" style="{_BUTTON}">'
        f"{escape(label)}</a></p>"
    )


def terms(facts: dict[str, str]) -> str:
    """Names on the left, what they are on the right."""
    rows = "".join(
        f'<tr><th scope="row" style="{_TERM}">{escape(name)}</th>'
        f'<td style="padding:2px 0;overflow-wrap:anywhere">{escape(value)}</td></tr>'
        for name, value in facts.items()
    )
    return f'<table style="border-collapse:collapse;margin:0 0 24px">{rows}</table>'


def paragraph(text: str) -> str:
    """Plain text as a paragraph; its line breaks stay."""
    shown = escape(text).replace("\n", "<br>")
    return f'<p style="margin:0 0 16px;overflow-wrap:anywhere">{shown}</p>'


def closing(text: str, link: str) -> str:
    """The last words, in small type; a link after them is the address that it leads to."""
    address = escape(link, quote=True)
    linked = f' <a href="{address}" style="color:#57534e">{address}</a>' if link else ""
    return f'<p style="{LIGHT};margin:0;overflow-wrap:anywhere">{escape(text)}{linked}</p>'
