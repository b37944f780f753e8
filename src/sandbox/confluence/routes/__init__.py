"""The addresses of the imitation, by topic."""
