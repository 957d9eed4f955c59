"""Monitor's panels as lines: each from one frozen record."""
