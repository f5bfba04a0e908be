"""What the import rules cannot say: who may end a transaction, and that money is never a float."""

import ast
from collections.abc import Iterator
from pathlib import Path

import assure_app

PACKAGE = Path(assure_app.__file__).parent
UNIT_OF_WORK = "db/unit_of_work.py"
MIGRATIONS = "db/migrate.py"
MONEY_PACKAGES = ("domain", "billing", "models")


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Each module of these folders (all when none is named): its path in the package, its tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not folders or name.split("/")[0] in folders:
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def test_nothing_calls_commit() -> None:
    found = [name for name, tree in sources() for node in ast.walk(tree) if calls(node, "commit")]

    assert found == []


def test_only_the_unit_of_work_and_migrations_open_a_transaction_that_commits() -> None:
    openers = {name for name, tree in sources() if opens_transaction(tree)}

    assert UNIT_OF_WORK in openers
    assert openers <= {UNIT_OF_WORK, MIGRATIONS}


def test_no_float_is_near_money() -> None:
    found = [
        f"{name}: {ast.unparse(node)}"
        for name, tree in sources(*MONEY_PACKAGES)
        for node in ast.walk(tree)
        if is_float(node)
    ]

    assert found == []


def calls(node: ast.AST, method: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
    )


def opens_transaction(tree: ast.Module) -> bool:
    """Whether it says `with something.begin():`, which commits when the block ends."""
    return any(
        calls(item.context_expr, "begin")
        for node in ast.walk(tree)
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
    )


def is_float(node: ast.AST) -> bool:
    """A float literal, the type's name, or a true division."""
    match node:
        case ast.Constant(value=float()) | ast.Name(id="float"):
            return True
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            return True
        case _:
            return False
