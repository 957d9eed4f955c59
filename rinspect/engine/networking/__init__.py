"""Clients: how requests come in, replies go out, and who is connected."""
