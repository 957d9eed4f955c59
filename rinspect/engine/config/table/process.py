"""The process: its folder, log, title, signals, and how it runs."""

from __future__ import annotations

from rinspect.engine.config import checks
from rinspect.engine.config.composed import Directory, OomScores, Signal
from rinspect.engine.config.kinds import Bool, Enum, Hertz, Integer, Text
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

_LEVELS = ("debug", "verbose", "notice", "warning")
_FACILITIES = ("user", *(f"local{number}" for number in range(8)))
_SIGNAL = Signal(("default", "save", "nosave", "now", "force"))

PROCESS = (
    Setting("databases", Integer(1), 16, flags="immutable"),
    Setting("dir", Directory(), "", flags="protected"),
    Setting("daemonize", Bool(), False, flags="immutable"),
    Setting("supervised", Enum(("upstart", "systemd", "auto", "no")), "no", flags="immutable"),
    Setting("pidfile", Text(unset=True), "", flags="immutable"),
    Setting("logfile", Text(), "", flags="immutable"),
    Setting("loglevel", Enum(_LEVELS), "notice", before=(7, 2)),
    Setting("loglevel", Enum((*_LEVELS, "nothing")), "notice", since=(7, 2)),
    Setting("hide-user-data-from-log", Bool(), False, since=(7, 4)),
    Setting("syslog-enabled", Bool(), False, flags="immutable"),
    Setting("syslog-ident", Text(), "redis", flags="immutable"),
    Setting("syslog-facility", Enum(_FACILITIES), "local0", flags="immutable"),
    Setting("crash-log-enabled", Bool(), True),
    Setting("crash-memcheck-enabled", Bool(), True),
    Setting("use-exit-on-panic", Bool(), False, before=(7, 0)),
    Setting("use-exit-on-panic", Bool(), False, flags="hidden", since=(7, 0)),
    Setting("watchdog-period", Integer(), 0, before=(7, 0)),
    Setting("watchdog-period", Integer(), 0, flags="hidden", since=(7, 0)),
    Setting("always-show-logo", Bool(), False, flags="immutable"),
    Setting("ignore-warnings", Text(), ""),
    Setting("set-proc-title", Bool(), True, flags="immutable"),
    Setting("proc-title-template", Text(check=checks.title_template), "{title} {listen-addr} {server-mode}"),
    Setting("locale-collate", Text(check=checks.collation), "", since=(7, 2)),
    Setting("shutdown-timeout", Integer(), 10, since=(7, 0)),
    Setting("shutdown-on-sigint", _SIGNAL, (), since=(7, 0)),
    Setting("shutdown-on-sigterm", _SIGNAL, (), since=(7, 0)),
    Setting("hz", Hertz(), 10),
    Setting("dynamic-hz", Bool(), True),
    Setting("activerehashing", Bool(), True),
    Setting("busy-reply-threshold", Integer(high=INT64_MAX), 5000, alias="lua-time-limit", renamed=(7, 0)),
    Setting("lua-replicate-commands", Bool(), True, before=(7, 0)),
    Setting("server-cpulist", Text(unset=True), "", "server_cpulist", "immutable", renamed=(7, 4)),
    Setting("bio-cpulist", Text(unset=True), "", "bio_cpulist", "immutable", renamed=(7, 4)),
    Setting("aof-rewrite-cpulist", Text(unset=True), "", "aof_rewrite_cpulist", "immutable", renamed=(7, 4)),
    Setting("bgsave-cpulist", Text(unset=True), "", "bgsave_cpulist", "immutable", renamed=(7, 4)),
    Setting("oom-score-adj", Enum(("no", "yes", "relative", "absolute"), (("relative", "yes"),)), "no"),
    Setting("oom-score-adj-values", OomScores(), (0, 200, 800)),
    Setting("disable-thp", Bool(), True, before=(7, 0)),
    Setting("disable-thp", Bool(), True, flags="immutable", since=(7, 0)),
)
