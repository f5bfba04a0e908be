"""A word that the server says when the page is loaded, and a number that a press raises."""

import reflex as rx


class Blank(rx.State):
    """All there is."""

    word: str = ""
    presses: int = 0

    @rx.event
    async def load(self) -> None:
        """Say that the server is there."""
        self.word = "ready"

    @rx.event
    async def press(self) -> None:
        """Count."""
        self.presses += 1


def page() -> rx.Component:
    """The page."""
    main: rx.Component = rx.el.main(
        rx.el.p(Blank.word, id="word"),
        rx.el.p(Blank.presses, id="presses"),
        rx.el.button("Press", type="button", on_click=Blank.press),
    )
    return main


app = rx.App()
app.add_page(page, route="/", title="Blank", on_load=Blank.load)
