"""The floor of a screen: the smallest Reflex application, built and served as the product is."""
