"""The types a key can hold. Each picks and converts its encodings."""
