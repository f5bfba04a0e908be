"""The only package that imports stripe: asks, and answers with frozen values and typed outcomes."""
