"""Layouts and records as lines of coloured text at a given width. Pure: no terminal, no Textual.

Screens, SVG and text export all use these lines.
"""
