"""How GitHub shows its records: functions from a record and the API's address to JSON."""
