"""A vendor's name stands where the vendor is spoken to, and nowhere else: adding one touches nothing else."""

import re
from pathlib import Path

from bot.settings.providers import NAMES

ROOT = Path(__file__).parents[1]


def is_a_place_for(name: str, path: Path) -> bool:
    """Say whether a vendor's name may stand in this file: its modules, its pretend twin, the settings, the app."""
    if path.is_relative_to(ROOT / "bot" / "settings") or path == ROOT / "bot" / "app.py":
        return True
    return path.parent in (ROOT / "bot" / "providers", ROOT / "bot" / "sandbox") and path.name.startswith(name)


def named(name: str, path: Path) -> list[str]:
    """Return the lines of a file that hold the name, in any case."""
    lines = path.read_text(encoding="utf-8").splitlines()
    here = path.relative_to(ROOT)
    return [f"{here}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if name in line.lower()]


def test_no_vendors_name_stands_outside_its_places() -> None:
    ours = [path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*")]
    files = [path for path in ours if path.suffix in (".py", ".sql")]
    assert len(files) > 100
    found = [line for name in NAMES for path in files if not is_a_place_for(name, path) for line in named(name, path)]
    assert found == []


def test_every_vendor_has_its_module_its_twin_and_its_samples() -> None:
    for name in NAMES:
        for path in (f"bot/providers/{name}.py", f"bot/sandbox/{name}.py", f"bot/sandbox/{name}_demo.py"):
            assert (ROOT / path).is_file(), path
        assert any((ROOT / "tests" / "samples" / name).iterdir())


def test_the_guide_for_a_new_one_names_files_that_are_there() -> None:
    guide = (ROOT / "docs" / "adding-a-provider.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:bot|tests|\.)[\w./-]*/?[\w.-]+)`", guide))
    there = {path for path in named if "tuneful" not in path and "/" in path}
    assert len(there) > 15
    assert [path for path in sorted(there) if not (ROOT / path).exists()] == []
