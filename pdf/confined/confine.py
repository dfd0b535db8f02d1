"""What only Linux has: limits on memory, time and files, and a place without a network.

Elsewhere: macOS has the limits and not the namespace; Windows has neither, there the wall clock and the
cap on output in the parent are all that holds.
"""

import ctypes
import os
import sys

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 20
OPEN_FILES = 32

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def confine() -> None:
    """Called by the child before it reads a byte."""
    if sys.platform == "win32":
        return
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        if sys.platform == "darwin" and limit == resource.RLIMIT_AS:
            continue  # refused there
        resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        leave_network()


def leave_network() -> bool:
    """A user and a network namespace of one's own, where the system lets one; returns whether it did."""
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0)


def can_leave_network() -> bool:
    """Asked in a child, so that the asker keeps its own network."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if leave_network() else 1)
    return os.waitpid(child, 0)[1] == 0


def missing() -> tuple[str, ...]:
    """What this system does not take away from the child. Asked in a process that ends with the answer."""
    network = () if sys.platform == "linux" and leave_network() else ("network",)
    if sys.platform == "win32":
        return (*network, "memory", "time", "files")
    return (*network, "memory") if sys.platform == "darwin" else network


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing()))
