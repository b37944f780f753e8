"""What the operator does with the command line, over all tenants; no server imports it."""
