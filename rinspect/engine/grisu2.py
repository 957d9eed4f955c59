"""Placeholder until Grisu2 is here."""
from rinspect.engine.profile import Profile
def double_text(value: float, profile: Profile) -> bytes:
    return b"%.17g" % value
