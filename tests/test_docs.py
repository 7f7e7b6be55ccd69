"""What the documents say is true of the code: settings, commands, files and modules that they name."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.config import Settings
from tests.test_architecture import DOORS, RUNGS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PROCFILE = (ROOT / "Procfile").read_text()
PYPROJECT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(PYPROJECT)["project"]

_SETTING = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", re.M)
_OF_THE_PLATFORM = {"PORT", "HOST"}
"""Variables that the Procfile reads and the code does not."""
_CONSTANTS = {"MAPPING_VERSION", "TOPICS"}
"""Names in CONTRIBUTING.md that look like settings and are constants of the code."""


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    named = [name for name, _ in _SETTING.findall(EXAMPLE)]
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_every_setting_in_the_example_has_a_sentence_before_it() -> None:
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if _SETTING.match(line):
            before = lines[number - 1]
            assert before.startswith("# "), line
            assert before.endswith(".") or ". " in before, line
            assert not _SETTING.match(before), line


def test_the_example_shows_the_defaults() -> None:
    for name, shown in _SETTING.findall(EXAMPLE):
        default = Settings.model_fields[name.lower()].default
        if default not in (None, "") and not Settings.model_fields[name.lower()].is_required():
            assert shown.lower() == str(default).lower(), name


def test_a_copied_example_changes_nothing_and_asks_for_the_key() -> None:
    active = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    assert active == ["SECRET_KEY="]


@pytest.mark.parametrize(
    "document", [*("README.md", "CONTRIBUTING.md", "CHANGELOG.md"), *(".env.example", "Makefile", "Procfile")]
)
def test_every_command_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = set(re.findall(r"^([a-z-]+|bench-%):", MAKEFILE, re.M))
    for target in re.findall(r"(?:`|^|\n)make ([a-z-]+)", text):
        benchmark = ROOT / "tests" / "bench" / f"{target.removeprefix('bench-').replace('-', '_')}.py"
        assert target in targets or (target.startswith("bench-") and benchmark.exists()), f"make {target}"
    for module in re.findall(r"(?:python|\$\(PYTHON\)) -m ((?:core|dashboard|webhook_receiver)[\w.]*)", text):
        assert _runs(module), f"python -m {module}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_exists(document: str) -> None:
    made_at_run = {".env", ".venv", ".data", "settings().name"}
    for name in re.findall(r"`([\w.-]*[/.][\w./-]*)`", (ROOT / document).read_text()):
        if name not in made_at_run and not re.fullmatch(r"[\d.:]+", name):
            assert (ROOT / name).exists(), name


def test_every_picture_of_the_readme_exists_is_small_and_is_described() -> None:
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', README)
    assert len(pictures) == README.count("<img") == 2
    for path, description in pictures:
        assert (ROOT / path).stat().st_size < 200_000, path
        assert len(description) > 40, path


def test_the_table_of_the_house_shows_the_rooms_and_rungs_that_the_imports_keep() -> None:
    rows = re.findall(r"^\| \d+ \| (.*?) \|", CONTRIBUTING, re.M)
    *rooms, doors = [tuple(re.findall(r"`([\w/]+)`", row)) for row in rows]
    assert tuple(rooms) == RUNGS
    assert doors == tuple(f"{door}/" for door in DOORS)


def test_every_variable_that_a_document_and_the_procfile_name_is_a_setting() -> None:
    documents = README + CONTRIBUTING
    settings = {name.upper() for name in Settings.model_fields} | _OF_THE_PLATFORM
    named = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)\b", documents))
    named |= set(re.findall(r"\$\{(\w+)", PROCFILE)) | set(re.findall(r"`([A-Z]+)(?:=[^`]*)?`", documents))
    assert named <= settings | _CONSTANTS


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    versions = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert versions[0] == PROJECT["version"]


LOCKS = {
    "requirements-server.txt": PROJECT["dependencies"],
    "requirements.txt": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["demo"],
    "requirements-dev.txt": sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"]),
}
"""What each file of pinned packages installs."""


def test_every_requirement_says_why_it_is_here() -> None:
    lines = re.findall(r'^    "[\w.-]+(?:\[[\w,]+\])?==[\w.]+",(.*)$', PYPROJECT, re.M)
    assert len(lines) == len(LOCKS["requirements-dev.txt"])
    assert [line for line in lines if not re.match(r" +# \w", line)] == []


@pytest.mark.parametrize("file", LOCKS)
def test_what_a_lock_file_installs_is_what_the_project_requires(file: str) -> None:
    """Where this fails, `make lock` was forgotten."""
    locked = _locked(file)
    for requirement in LOCKS[file]:
        name, _, version = re.sub(r"\[.*?\]", "", requirement).partition("==")
        assert locked[_normal(name)][0] == version, requirement
    for name, (version, hashes) in locked.items():
        assert version, name
        assert hashes > 0, name


def test_the_lock_files_agree_and_a_server_gets_no_package_of_the_demo() -> None:
    server, whole, dev = (_locked(file) for file in LOCKS)
    assert server.items() <= whole.items() <= dev.items()
    demo = {_normal(name.partition("==")[0]) for name in PROJECT["optional-dependencies"]["demo"]}
    assert demo & server.keys() <= {"werkzeug"}, "Flask brings werkzeug; the others are for the demo alone"


def test_every_install_checks_hashes() -> None:
    commands = re.findall(r"\$\(PIP\) install (.*)", MAKEFILE)
    assert [command for command in commands if "--require-hashes" not in command] == [
        "--no-deps --no-build-isolation -e ."
    ]


def _locked(file: str) -> dict[str, tuple[str, int]]:
    """Maps each package to its version and its number of hashes."""
    packages = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / file).read_text()):
        name, _, version = entry.split()[0].partition("==")
        packages[_normal(re.sub(r"\[.*?\]", "", name))] = (version, entry.count("--hash=sha256:"))
    return packages


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _runs(module: str) -> bool:
    spec = find_spec(module)
    if spec is not None and spec.submodule_search_locations is not None:
        return find_spec(f"{module}.__main__") is not None
    return spec is not None
