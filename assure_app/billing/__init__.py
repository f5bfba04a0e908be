"""The billing service: the only writer of money, one module a noun of the business."""
