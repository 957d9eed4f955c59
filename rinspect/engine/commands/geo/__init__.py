"""Places in sorted sets: adding, reading, searching."""
