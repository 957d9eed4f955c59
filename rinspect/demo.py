"""Demo data: one interesting key for every encoding the profile has."""

from __future__ import annotations

from rinspect.engine.profile import PROFILES


def demo_commands(profile: str) -> list[list[bytes]]:
    """Commands that fill a database, in the words of the profile's version."""
    facts = PROFILES.get(profile)
    modern = facts is None or facts.listpack
    ttl = facts is None or facts.hash_field_ttl
    lines = [
        "SET hits 1815",
        "SET greeting hello",
        "SET essay " + "memory_is_a_series_of_bytes_" * 4,
        "SET draft begun",
        "APPEND draft _and_continued",
        "SET session:9 token EX 3600",
        "PFADD visitors " + " ".join(f"visitor:{n}" for n in range(40)),
        "PFADD readers " + " ".join(f"reader:{n}" for n in range(2000)),
        "GEOADD cities 2.349 48.864 Paris -74.006 40.714 New_York 139.692 35.690 Tokyo",
        "RPUSH queue job:1 job:2 17 -4096 job:5",
        "RPUSH feed " + " ".join(f"post:{n:04}:{'lorem_ipsum_' * (n % 5 + 1)}" for n in range(240)),
        "SADD ids 7 1 300 42 70000",
        "SADD colours red green blue",
        "SADD tags " + " ".join(f"tag:{n}" for n in range(150)),
        "HSET user:1 name Ada born 1815 field mathematics",
        "HSET profile:1 name Grace bio " + "compilers_" * 9,
        "ZADD podium 3 bronze 2 silver 1.5 gold",
        "XADD readings 1750000000000-0 sensor kitchen celsius 21.5",
        "XADD readings 1750000060000-0 sensor kitchen celsius 21.75",
        "XADD readings 1750000060000-1 sensor balcony celsius -4",
        "XADD readings 1750000120000-0 door open",
        "XDEL readings 1750000060000-0",
        "XGROUP CREATE readings alarms 0",
        "XREADGROUP GROUP alarms siren COUNT 2 STREAMS readings >",
        "ZADD board " + " ".join(f"{n * 37 % 211} player:{n:03}" for n in range(140)),
    ]
    if ttl:
        lines += ["HSET cart apple 3 pear 1 plum 12", "HEXPIRE cart 86400 FIELDS 1 pear"]
    if not modern:
        lines.append("RPUSH cascade " + " ".join(str(n) * 100 for n in range(1, 4)))
    return [[word.encode() for word in line.split()] for line in lines]
