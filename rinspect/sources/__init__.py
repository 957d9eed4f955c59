"""Where keys come from: the built-in engine or a real server, behind one interface."""
