"""PostgreSQL: a connector that lives outside of the service, and speaks no HTTP."""
