"""The imitation Google Calendar."""
