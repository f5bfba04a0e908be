"""Pieces of screens. They know no database and no rule: texts come ready from the read models."""
