"""The keyspace's memory, summed up anew from layouts."""

from rinspect.engine.encodings.sds import element_size
from rinspect.engine.keyspace import Keyspace
from rinspect.engine.layout import Window
from rinspect.engine.values.value import Value

NOTHING = Window(0, 0, 0, 0)


def weighed(keyspace: Keyspace) -> int:
    """Bytes of all keys and tables."""
    runtime = keyspace.runtime
    usable, profile = runtime.usable, runtime.profile
    total = 0
    for db in keyspace.databases:
        for table, metadata in ((db.table, profile.keys_metadata), (db.expires, profile.expires_metadata)):
            total += sum(usable(8 * len(buckets)) for buckets in table.tables) + len(table) * usable(24)
            if profile.kvstore_size and table.tables[0]:
                total += usable(profile.dict_size + metadata) + table.rehashing * usable(24)
        for entry in db.table:
            assert isinstance(entry.value, Value)
            layout = entry.value.layout(NOTHING)
            total += usable(element_size(len(entry.key)))
            total += 0 if layout.facts.get("shared") else layout.size_class
    return total
