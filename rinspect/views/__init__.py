"""Textual widgets and screens. A view turns lines into strips and knows nothing of what is inside the engine."""
