"""Where the shared test data lies, if it is on this machine."""

import os
from pathlib import Path


def shared_data() -> Path | None:
    """The folder of shared data beside the checkout (or named by SUPPORT_DESK_TEST_DATA), or None."""
    named = os.environ.get("SUPPORT_DESK_TEST_DATA")
    if named:
        return Path(named) if Path(named).is_dir() else None
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data").is_dir():
            return parent / "shared" / "data"
    return None
