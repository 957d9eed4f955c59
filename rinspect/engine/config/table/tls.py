"""Encrypted connections. The builds that are reproduced have them from 7.0 on."""

from __future__ import annotations

from rinspect.engine.config.kinds import Bool, Enum, Integer, Kind, Text, Version
from rinspect.engine.config.setting import Setting

_FROM: Version = (7, 0)


def _tls(name: str, kind: Kind, default: object, flags: str = "") -> Setting:
    return Setting(f"tls-{name}", kind, default, flags=flags, since=_FROM)


TLS = (
    _tls("port", Integer(high=65535), 0),
    _tls("session-cache-size", Integer(), 20 << 10),
    _tls("session-cache-timeout", Integer(), 300),
    _tls("session-caching", Bool(), True),
    _tls("cluster", Bool(), False),
    _tls("replication", Bool(), False),
    _tls("auth-clients", Enum(("no", "yes", "optional")), "yes"),
    _tls("prefer-server-ciphers", Bool(), False),
    _tls("cert-file", Text(unset=True), "", "volatile"),
    _tls("key-file", Text(unset=True), "", "volatile"),
    _tls("key-file-pass", Text(unset=True), "", "sensitive"),
    _tls("client-cert-file", Text(unset=True), "", "volatile"),
    _tls("client-key-file", Text(unset=True), "", "volatile"),
    _tls("client-key-file-pass", Text(unset=True), "", "sensitive"),
    _tls("dh-params-file", Text(unset=True), "", "volatile"),
    _tls("ca-cert-file", Text(unset=True), "", "volatile"),
    _tls("ca-cert-dir", Text(unset=True), "", "volatile"),
    _tls("protocols", Text(unset=True), ""),
    _tls("ciphers", Text(unset=True), ""),
    _tls("ciphersuites", Text(unset=True), ""),
)
