"""Commands on hashes, and on the expiry of their fields."""
