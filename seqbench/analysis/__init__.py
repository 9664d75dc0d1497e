"""What the record says, computed once: numbers and words that every figure, table and terminal line takes from here."""
