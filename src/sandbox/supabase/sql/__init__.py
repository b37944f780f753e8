"""A small PostgreSQL: exactly the catalogue queries that are asked, and simple statements."""
