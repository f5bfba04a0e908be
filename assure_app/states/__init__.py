"""Reflex states: they parse what people typed, call billing, and turn refusals into text."""
