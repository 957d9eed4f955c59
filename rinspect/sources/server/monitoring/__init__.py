"""A real server seen from outside, as far as that goes: for the screen's Monitor."""
