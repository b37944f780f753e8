"""The imitation Gmail."""
