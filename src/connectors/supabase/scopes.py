"""Scopes of the Management API; keys of projects have none. Source: supabase.com/docs."""

ORGANIZATIONS = "organizations:read"
PROJECTS = "projects:read"
DATABASE = "database:read"
DATABASE_WRITE = "database:write"
