"""Disks that fall ill, for as long as a context lasts."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def full_disk(store: Path) -> Iterator[None]:
    """The kernel refuses each write that would make the store's log longer, as a full disk does.

    For all of this process (setrlimit(2), RLIMIT_FSIZE); other files may still grow up to that length.
    """
    size = store.with_name(f"{store.name}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
