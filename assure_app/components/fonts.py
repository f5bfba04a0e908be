"""The typeface, from its npm package, so that no font file is fetched from anywhere else."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar


class Fonts(rx.Fragment):
    """Loads Inter's variable font; browsers take only the subset that a page needs."""

    lib_dependencies: list[str] = ["@fontsource-variable/inter@5.2.8"]

    def add_imports(self) -> dict[str, Any]:
        """The package's style sheet, which names the font files."""
        return {"": ImportVar(tag=None, package_path="@fontsource-variable/inter/index.css")}
