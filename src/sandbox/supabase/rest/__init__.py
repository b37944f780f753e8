"""PostgREST as a project serves it."""
