"""Access to all tenants at once. Only the command line's services reach it."""
