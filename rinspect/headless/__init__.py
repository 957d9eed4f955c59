"""Forms without a screen, for scripts: data to stdout, everything else to stderr."""
