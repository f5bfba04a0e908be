"""The pages of the local stand-in for Stripe that people see: checkout, receipt, onboarding."""
