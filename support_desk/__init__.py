"""The desk that gives a locked-out customer everything back, and an impostor nothing."""
