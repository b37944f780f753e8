"""Salesforce as an external connector: nothing outside this folder knows of it."""
