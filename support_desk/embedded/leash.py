"""Start a child that cannot outlive its parent, as a user whom PostgreSQL accepts.

This file is run as a script by `children.spawn`, between fork and the real program, and imports nothing
but the standard library: under the user of a child the desk's own packages may not be readable.

    python -I -S leash.py PARENT_PID SIGNAL IDENTITY PROGRAM ARGUMENT...

IDENTITY is `plain` (whoever we are), `namespace` (root inside a user namespace, where it is uid 65534) or
`drop` (root becomes uid 65534). Ends with 125 when the identity cannot be had.
"""

import ctypes
import os
import sys
from pathlib import Path

NOBODY = 65534
REFUSED = 125
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def enter_namespace(libc: ctypes.CDLL) -> None:
    """Be uid 65534 inside a new user namespace, while every file made stays root's outside."""
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        sys.exit(REFUSED)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")
    except OSError:
        sys.exit(REFUSED)


def drop_privileges() -> None:
    """Become uid 65534 for good."""
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    except OSError:
        sys.exit(REFUSED)


def main() -> None:
    """Take the identity, ask the kernel for the parent-death signal, become the program."""
    parent, death_signal, identity = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    command = sys.argv[4:]
    linux = sys.platform == "linux"
    libc = ctypes.CDLL(None, use_errno=True)
    if identity == "namespace":
        if not linux:
            sys.exit(REFUSED)
        enter_namespace(libc)
    elif identity == "drop":
        drop_privileges()
    if linux:
        # After the change of identity: the kernel forgets the signal when credentials change.
        libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(REFUSED)
    try:
        os.execv(command[0], command)  # noqa: S606 - the whole purpose
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
