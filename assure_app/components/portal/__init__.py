"""The parts of the portal's pages."""
