"""Papers that people keep: invoices, receipts and refund receipts, as PDF."""
