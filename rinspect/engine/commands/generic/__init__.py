"""Commands on keys, whatever their type."""
