"""The one process that hands out runs and writes the record: the story of a sweep, its searches, what a person sees."""
