"""Letters: written in the transaction that causes them, sent afterwards by whoever is up."""
