"""Ways to carry out run specs; each streams the events of many runs back to the one driver process."""
