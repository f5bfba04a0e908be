"""The states of the settings pages, one module a page or dialog."""
