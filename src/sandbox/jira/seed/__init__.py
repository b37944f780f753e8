"""What the imitation is filled with; the same at each start."""
