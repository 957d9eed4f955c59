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

MODULE_TYPES = (6, 7)
"""Types of values that modules define; only the second kind can be passed over by who does not know the module."""
MODULE_END, MODULE_SINT, MODULE_UINT, MODULE_FLOAT, MODULE_DOUBLE, MODULE_STRING = range(6)
"""What stands before each thing that a module has written."""
