"""What a version changes in the contract: found by comparing documents, told in the changelog."""
