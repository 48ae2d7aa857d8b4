"""Disks that fall ill, for as long as a context lasts."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support.toolchains import ABSENT

_MEGABYTES = 32


@contextmanager
def full_disk(store: Path) -> Iterator[None]:
    """The kernel refuses each write that would make the store's log longer, as a full disk does.

    For all of this process (setrlimit(2), RLIMIT_FSIZE); other files may still grow up to that length. What pytest
    captures may be longer: our log goes nowhere meanwhile.
    """
    size = store.with_name(f"{store.name}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with capture_logs():
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@dataclass(frozen=True, slots=True)
class Disk:
    """An ext4 of its own, in an image that is mounted on `folder`."""

    image: Path
    folder: Path

    def fall_ill(self) -> None:
        """The kernel makes it read-only under those who have its files open, as it does after an I/O error."""
        _run("mount", "-o", "remount,abort", self.folder)

    def repair(self) -> None:
        """Check it and mount it again; nobody may have a file of it open."""
        _run("umount", self.folder)
        _run("e2fsck", "-p", self.image, well=(0, 1))  # 1: it has repaired something
        _run("mount", "-o", "loop", self.image, self.folder)


@contextmanager
def own_disk(folder: Path) -> Iterator[Disk]:
    """A disk that may fall ill. Skips the test where this user may not mount one: that takes root and loop devices."""
    disk = Disk(folder / "disk.img", folder / "disk")
    disk.folder.mkdir()
    with disk.image.open("wb") as file:
        file.truncate(_MEGABYTES << 20)
    tools = all(map(shutil.which, ("mkfs.ext4", "e2fsck", "mount", "umount")))
    made = tools and os.geteuid() == 0 and _works("mkfs.ext4", "-q", disk.image)
    if not made or not _works("mount", "-o", "loop", disk.image, disk.folder):
        pytest.skip(f"{ABSENT}: a disk of its own (root, e2fsprogs and loop devices)")
    try:
        yield disk
    finally:
        _run("umount", "-l", disk.folder)


def _works(*command: str | Path) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _run(*command: str | Path, well: tuple[int, ...] = (0,)) -> None:
    ran = subprocess.run(command, capture_output=True, check=False)
    assert ran.returncode in well, ran.stderr
