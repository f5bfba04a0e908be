"""What the mailbox shows. Whatever a message holds is escaped, or shown where it can do nothing."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from assure_app.sandbox.mailbox_store import Kept

_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID")

STYLE = """
:root {
  color-scheme: light dark;
  --bg: #fafaf9; --surface: #fff; --line: #e7e5e4; --ink: #1c1917; --ink-2: #57534e;
  --accent: #1d4ed8; --sunken: #f5f5f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0c0a09; --surface: #171412; --line: #2b2622; --ink: #f5f5f4; --ink-2: #b8b2ac;
    --accent: #8bb0ff; --sunken: #211d1a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--bg); color: var(--ink);
  font: 14px/20px "Inter Variable", "Inter", system-ui, sans-serif;
}
main { max-width: 880px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 22px; line-height: 28px; font-weight: 650; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 12px; line-height: 16px; font-weight: 600; margin: 24px 0 8px; }
h2, .lead, time, dt, .empty { color: var(--ink-2); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.lead { margin: 4px 0 20px; }
.card {
  background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
  overflow: hidden; margin: 0; padding: 0; list-style: none;
}
.card > li + li { border-top: 1px solid var(--line); }
.card > li > a {
  display: grid; grid-template-columns: minmax(0, 14rem) minmax(0, 1fr) auto; gap: 4px 16px;
  padding: 12px 16px; color: inherit; text-decoration: none;
}
.card > li > a:hover { background: var(--sunken); }
.card > li > a:focus-visible { outline-offset: -2px; }
.to, .subject { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.subject { font-weight: 550; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.empty { padding: 40px 16px; text-align: center; }
dl.card { display: grid; grid-template-columns: max-content minmax(0, 1fr); padding: 8px 16px; }
dl.card > * { padding: 4px 0; margin: 0; }
dt { padding-right: 16px !important; }
dd { overflow-wrap: anywhere; }
iframe { display: block; width: 100%; height: 640px; border: 0; background: #f5f5f4; }
pre { margin: 0; padding: 16px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
nav { margin-bottom: 16px; }
.older { margin-top: 16px; }
@media (max-width: 640px) {
  .card > li > a { grid-template-columns: minmax(0, 1fr) auto; }
  .subject { grid-column: 1 / -1; grid-row: 2; white-space: normal; }
  dl.card { grid-template-columns: minmax(0, 1fr); }
  dt { padding-bottom: 0 !important; } dd { padding-top: 0 !important; }
}
"""


def listing(messages: Sequence[Kept], *, has_older: bool) -> str:
    """The newest messages: to whom, what about, and when."""
    rows = "".join(_row(each) for each in messages)
    shown = f'<ul class="card">{rows}</ul>' if rows else _EMPTY
    older = ""
    if has_older:
        older = (
            f'<p class="older"><a href="/mailbox?before={messages[-1].id}">Older messages</a></p>'
        )
    return _page("Mailbox", f'<h1>Mailbox</h1><p class="lead">{_LEAD}</p>{shown}{older}')


def message(kept: Kept) -> str:
    """One message: its headers, the HTML where it can run nothing, and the text."""
    headers = "".join(
        f"<dt>{name}</dt><dd>{escape(kept.header(name))}</dd>"
        for name in _HEADERS
        if kept.header(name)
    )
    parts = [f'<dl class="card">{headers}</dl>']
    if kept.body("html"):
        parts.append(
            '<h2>As it looks</h2><div class="card">'
            f'<iframe src="/mailbox/{kept.id}/html" title="The message" sandbox=""></iframe></div>'
        )
    if kept.body("plain"):
        text = escape(kept.body("plain"))
        parts.append(f'<h2>As plain text</h2><div class="card"><pre>{text}</pre></div>')
    subject = kept.header("Subject") or "(no subject)"
    back = '<nav aria-label="Mailbox"><a href="/mailbox">All messages</a></nav>'
    return _page(subject, f"{back}<h1>{escape(subject)}</h1><p></p>{''.join(parts)}")


def not_found() -> str:
    """There is no such message."""
    return _page(
        "Not found",
        '<h1>Not found</h1><p class="lead">This message is not here, or not any more.'
        ' <a href="/mailbox">All messages</a></p>',
    )


_LEAD = "Test mode: what the application sends by e-mail is kept here, and goes to nobody."
_EMPTY = (
    '<div class="card empty"><p>No messages yet. Send an invoice and it appears here.</p></div>'
)


def _row(kept: Kept) -> str:
    moment = kept.received_at.astimezone()
    when = f"{moment:%b} {moment.day}, {moment:%H:%M}"
    return (
        f'<li><a href="/mailbox/{quote(kept.id)}">'
        f'<span class="to">{escape(kept.header("To"))}</span>'
        f'<span class="subject">{escape(kept.header("Subject") or "(no subject)")}</span>'
        f'<time datetime="{kept.received_at.isoformat()}">{when}</time></a></li>'
    )


def _page(title: str, content: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Assure Pro sandbox</title>"
        '<link rel="stylesheet" href="/sandbox.css"></head>'
        f"<body><main>{content}</main></body></html>"
    )
