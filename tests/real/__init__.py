"""Comparison with real servers: which ones, where they are found, how they are started and talked to."""
