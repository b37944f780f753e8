"""The connector platform."""
