"""The append-only file: each change is written down as a command before its client hears that it was made.

    commands ──propagation──▶ buffer ──write, before replies leave──▶ file ──fsync: always, everysec or never──▶ disk

It grows with what is done, not with what is there. So from time to time a child writes the keys as they are, and what was
done since goes on behind that (rewriting.py). From 7.0 on these are files of their own, with a manifest (parts.py); in 6.2 all
is one file (onefile.py).
"""

from rinspect.engine.server.appendonly.appendonly import AppendOnly as AppendOnly
