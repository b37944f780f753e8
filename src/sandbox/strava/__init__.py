"""The imitation Strava."""
