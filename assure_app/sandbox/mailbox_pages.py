"""What the mailbox shows. Whatever a message holds is escaped, or shown where it can do nothing."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from assure_app.sandbox import shell
from assure_app.sandbox.mailbox_store import Kept

MESSAGE_MAY = "allow-popups allow-popups-to-escape-sandbox"
"""All that the frame of a message allows: a link opens a page of its own."""

_HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe")


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
    parts = [f'<dl class="card">{headers}</dl>', _attachments(kept)]
    if kept.body("html"):
        parts.append(
            '<h2>As it looks</h2><div class="card">'
            f'<iframe src="/mailbox/{kept.id}/html" title="The message"'
            f' sandbox="{MESSAGE_MAY}"></iframe></div>'
        )
    if kept.body("plain"):
        text = escape(kept.body("plain"))
        parts.append(f'<h2>As plain text</h2><div class="card"><pre>{text}</pre></div>')
    subject = kept.header("Subject") or "(no subject)"
    back = '<nav aria-label="Mailbox"><a href="/mailbox">All messages</a></nav>'
    return _page(subject, f"{back}<h1>{escape(subject)}</h1>{''.join(parts)}")


def as_it_looks(kept: Kept) -> str:
    """The message's own HTML; its links open beside the mailbox, for no page can be framed."""
    html, base = kept.body("html"), '<base target="_blank">'
    if "<head>" not in html:
        return base + html
    return html.replace("<head>", f"<head>{base}", 1)


def not_found() -> str:
    """There is no such message."""
    return _page(
        "Not found",
        '<h1>Not found</h1><p class="lead">This message is not here, or not any more.'
        ' <a href="/mailbox">All messages</a></p>',
    )


_LEAD = "Test mode: what the application sends by email is kept here, and goes to nobody."
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


def _attachments(kept: Kept) -> str:
    rows = "".join(
        f'<li><a href="/mailbox/{kept.id}/attachments/{place}">{escape(name)}</a></li>'
        for place, (name, _content) in enumerate(kept.attachments())
    )
    return f'<h2>Attached</h2><ul class="card files">{rows}</ul>' if rows else ""


def _page(title: str, content: str) -> str:
    return shell.page(title, content, place="Mailbox", kind="letters")
