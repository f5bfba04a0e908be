"""What a client's people see and do: one state for each page of the portal."""
