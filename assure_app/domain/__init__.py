"""The rules of the product: pure functions of their arguments. No database, network or clock."""
