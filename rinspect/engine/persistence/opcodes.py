"""What stands in an RDB file where a key's type could be."""

FUNCTION_BEFORE_RELEASE, FUNCTION = 246, 245
SLOT_INFO = 244
"""How many keys of a cluster's slot follow: a hint."""
MODULE_AUX = 247
IDLE, FREQ = 248, 249
AUX = 250
RESIZE = 251
EXPIRY, EXPIRY_SECONDS = 252, 253
SELECT = 254
END = 255

MAGIC = b"REDIS"
