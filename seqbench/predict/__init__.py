"""A trained model of next-word prediction put to use: what comes next, how a sentence goes on, what surprises it."""
