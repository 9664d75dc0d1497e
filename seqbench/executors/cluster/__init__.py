"""Runs on the workers of a Ray cluster. Ray is an extra, and imported where it is needed."""
