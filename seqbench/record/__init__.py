"""Where runs and reports meet: the store, its one writer and its one reader, models back from it."""
