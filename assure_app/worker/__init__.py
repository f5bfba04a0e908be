"""What goes on by itself, beside the people at their screens."""
