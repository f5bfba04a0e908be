"""What stands in for the world outside when no real keys are set: today, the demo firm."""
