"""What the imitations of Jira and Confluence share: people, sites, authorization, limits."""
