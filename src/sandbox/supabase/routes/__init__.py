"""The routes of the Management API and of a project."""
