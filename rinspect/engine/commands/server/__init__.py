"""Commands about the server itself: settings, the command table, memory, debugging."""
