"""What the imitation holds."""
