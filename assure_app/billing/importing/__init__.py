"""Bringing a firm's clients and invoices over from the files that other programs export."""
