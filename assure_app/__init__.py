"""Assure Pro Billing, the payments desk of an accounting firm."""
