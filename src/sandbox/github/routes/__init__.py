"""The endpoints of the imitation, by topic."""
