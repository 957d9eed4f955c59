"""What a text must fulfil to be the value of a certain setting. Each raises BadValue."""

from __future__ import annotations

import re

from rinspect.engine.config.errors import BadValue

_HOSTNAME = re.compile(r"[A-Za-z0-9.-]*\Z")
_NOT_IN_NODE_NAMES = frozenset("!#$%&()*+:;<>?@[]^{|}~")
_TEMPLATE = re.compile(r"\{(\{|[^}]*)(\}?)|[^{]+")
_VARIABLES = {
    # What each is expanded to for the check; a template of which nothing is left is none.
    "title": "",
    "listen-addr": "*:6379",
    "server-mode": "",
    "config-file": "-",
    "port": "6379",
    "tls-port": "0",
    "unixsocket": "",
}
_LOCALES = ("", "C", "POSIX", "C.UTF-8", "C.utf8")


def database_file(text: str) -> None:
    _no_path("dbfilename", text, "filename")


def append_file(text: str) -> None:
    if not text:
        raise BadValue("appendfilename can't be empty")
    _no_path("appendfilename", text, "filename")


def old_append_file(text: str) -> None:
    """Before 7.0 the name could be empty."""
    _no_path("appendfilename", text, "filename")


def append_folder(text: str) -> None:
    if not text:
        raise BadValue("appenddirname can't be empty")
    _no_path("appenddirname", text, "dirname")


def _no_path(name: str, text: str, noun: str) -> None:
    if "/" in text or "\\" in text:
        raise BadValue(f"{name} can't be a path, just a {noun}")


def hostname(text: str) -> None:
    if len(text.encode(errors="surrogateescape")) >= 256:
        raise BadValue("Hostnames must be less than 256 characters")
    if not _HOSTNAME.match(text):
        raise BadValue("Hostnames may only contain alphanumeric characters, hyphens or dots")


def node_name(text: str) -> None:
    if not _NOT_IN_NODE_NAMES.isdisjoint(text):
        raise BadValue("Announced human node name contained invalid character")


def title_template(text: str) -> None:
    expanded = ""
    for found in _TEMPLATE.finditer(text):
        variable, closed = found.groups()
        if variable is None:
            expanded += found[0]
        elif variable == "{":
            expanded += "{"
        elif closed and variable in _VARIABLES:
            expanded += _VARIABLES[variable]
        else:
            raise BadValue("template format is invalid or contains unknown variables")
    if not expanded.strip(" "):
        raise BadValue("template format is invalid or contains unknown variables")


def collation(text: str) -> None:
    """The locales that every system has: no other ever orders anything here."""
    if text not in _LOCALES:
        raise BadValue("Invalid locale name")
