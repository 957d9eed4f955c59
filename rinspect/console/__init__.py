"""What a REPL needs without knowing which REPL: words, completion, hints, replies, history."""
