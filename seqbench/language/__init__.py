"""Words: how text is read and divided into them, and the language models that are counted from it."""
