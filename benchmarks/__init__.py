"""Measurements of the real code; they print what they found and exit 1 when a target is missed."""
