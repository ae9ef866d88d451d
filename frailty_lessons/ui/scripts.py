"""The front end's scripts. They have no build step and no common import: what all need is put before each."""

from pathlib import Path

HERE = Path(__file__).parent


def script(name: str) -> str:
    """The text of a script, with what it needs before it."""
    return "\n".join((HERE / part).read_text(encoding="utf-8") for part in ("element.js", name))
