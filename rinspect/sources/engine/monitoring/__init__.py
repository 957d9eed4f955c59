"""The engine seen from inside while it works: for the screen's Monitor."""
