"""One page with one button."""
