"""The settings pages: a card a form, a table a list; they know no database."""
