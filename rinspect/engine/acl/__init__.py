"""Access control: users, and what each may run, on which keys and channels.

    users ── by name ──▶ user: flags, passwords, selectors
                           selector: commands, key patterns, channel patterns; one that allows a whole command is enough

The model knows nobody who is connected: `rinspect.engine.networking.access` applies it to clients.
"""
