"""Pieces of HTML that the forms are made of. Texts that come in are escaped here."""

from html import escape


def text(
    label: str,
    name: str,
    value: str = "",
    *,
    error: str = "",
    placeholder: str = "",
    autocomplete: str = "off",
    inputmode: str = "text",
    most: int = 200,
    is_focused: bool = False,
    is_fixed: bool = False,
    kind: str = "",
) -> str:
    """A labelled field with the sentence about what is wrong with it."""
    marks = f' aria-invalid="true" aria-describedby="{name}-error"' if error else ""
    marks += " autofocus" if is_focused else ""
    marks += " readonly" if is_fixed else ""
    return (
        f'<div class="field {kind}"><label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" maxlength="{most}"'
        f' placeholder="{escape(placeholder)}" autocomplete="{autocomplete}"'
        f' inputmode="{inputmode}" spellcheck="false"{marks}>{_error(name, error)}</div>'
    )


def small_text(name: str, *, label: str, placeholder: str = "", inputmode: str = "text") -> str:
    """A short field that stands in a row of buttons; its label is heard, not seen."""
    return (
        f'<input class="small" name="{name}" aria-label="{escape(label)}" maxlength="20"'
        f' placeholder="{escape(placeholder)}" inputmode="{inputmode}" autocomplete="off">'
    )


def check(label: str, name: str, *, is_checked: bool, hint: str = "", error: str = "") -> str:
    """A box to tick."""
    checked = " checked" if is_checked else ""
    small = f"<small>{escape(hint)}</small>" if hint else ""
    marks = f' aria-invalid="true" aria-describedby="{name}-error"' if error else ""
    return (
        f'<div class="field"><label class="check"><input type="checkbox" name="{name}" value="yes"'
        f"{checked}{marks}><span>{escape(label)}{small}</span></label>{_error(name, error)}</div>"
    )


def choice(label: str, name: str, options: dict[str, str], chosen: str = "") -> str:
    """A labelled list of which one is chosen."""
    return (
        f'<div class="field"><label for="{name}">{escape(label)}</label>'
        f"{select(name, options, chosen)}</div>"
    )


def select(name: str, options: dict[str, str], chosen: str = "", *, label: str = "") -> str:
    """The list alone; `label` names it where no label stands beside it."""
    named = f' aria-label="{escape(label)}"' if label else f' id="{name}"'
    items = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(shown)}</option>"
        for value, shown in options.items()
    )
    return f'<span class="select"><select name="{name}"{named}>{items}</select></span>'


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def button(label: str, *, kind: str = "", name: str = "", value: str = "") -> str:
    """What sends the form."""
    given = f' name="{name}" value="{escape(value)}"' if name else ""
    return f'<button class="btn {kind}"{given}>{escape(label)}</button>'


def _error(name: str, sentence: str) -> str:
    if not sentence:
        return ""
    return f'<p class="error" id="{name}-error">{escape(sentence)}</p>'
