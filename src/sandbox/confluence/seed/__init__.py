"""What is there when the imitation starts."""
