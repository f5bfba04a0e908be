"""Who is there: passwords, sessions, lockout, and the guard in front of every event."""
