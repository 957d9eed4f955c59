"""Tests of the engine, in the order of the package."""
