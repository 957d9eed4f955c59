"""Keys in files: the RDB snapshot.

    REDIS0012                     the magic word, and the version of the format in four digits
    FA name value                 something about the file: which server wrote it, when …
    F5 code                       a library of functions
    FE n · FB keys expiries       database n begins, with so many keys, and so many that expire
    FC u64 · F8 idle · F9 u8      of the key that follows: expiry in milliseconds, seconds unused, LFU counter
    type  key  value              a key; the type and the value as DUMP writes them
    FF  CRC64                     the end; the CRC covers all before it, 0 says that there is none

Numbers are lengths and strings as in payload/codec.py. One key, SET greeting hi, as 8.0 saves it:

    >>> from rinspect.engine import Engine
    >>> engine = Engine("8.0")
    >>> _ = engine.session().execute([b"SET", b"greeting", b"hi"])
    >>> data = bytearray()
    >>> save(engine.keyspace, data.extend, {})
    >>> data.hex(" ")
    '52 45 44 49 53 30 30 31 32 fe 00 fb 01 00 00 08 67 72 65 65 74 69 6e 67 02 68 69 ff 81 a1 fc 58 90 e2 bf 67'

    52 45 44 49 53 30 30 31 32      REDIS0012
    fe 00                           database 0
    fb 01 00                        1 key, none that expires
    00                              type 0: a string
    08 67 72 65 65 74 69 6e 67      the key, 8 bytes: greeting
    02 68 69                        the value, 2 bytes: hi
    ff 81 a1 …                      the end, and the CRC
"""

from rinspect.engine.persistence.loading import BadFile as BadFile
from rinspect.engine.persistence.loading import Loaded as Loaded
from rinspect.engine.persistence.loading import glance as glance
from rinspect.engine.persistence.loading import load as load
from rinspect.engine.persistence.saving import Told as Told
from rinspect.engine.persistence.saving import save as save
