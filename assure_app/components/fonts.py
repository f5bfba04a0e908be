"""The typeface, from its npm package, so that no font file is fetched from anywhere else."""

import reflex as rx


class Fonts(rx.Fragment):
    """Loads Inter's variable font; browsers take only the subset that a page needs."""

    lib_dependencies: list[str] = ["@fontsource-variable/inter@5.2.8"]

    def add_imports(self) -> dict[str, str]:
        """The package's style sheet, which names the font files."""
        return {"": "@fontsource-variable/inter/index.css"}
