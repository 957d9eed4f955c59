"""What a REPL needs without knowing which REPL."""
