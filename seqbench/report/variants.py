"""Goes with the figures of today."""

from seqbench.analysis.variants import by_context, by_sentence, context_table, words, words_interval

__all__ = ["by_context", "by_sentence", "context_table", "words", "words_interval"]
