"""The tests mirror the package; tests/real compares with real servers."""
