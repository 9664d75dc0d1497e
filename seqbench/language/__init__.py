"""Language: a small generative grammar of English, and n-gram models counted from text. Numpy and scipy alone."""
