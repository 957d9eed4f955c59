"""How many different elements were seen: HyperLogLog."""
