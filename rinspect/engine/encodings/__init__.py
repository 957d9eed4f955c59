"""One file per physical structure. Each knows its bytes, its allocations, and how to describe itself."""
