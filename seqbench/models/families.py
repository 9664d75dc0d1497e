"""The kinds of models, in the order in which they are listed; without torch, so that a list of them needs none."""

CLASSICAL, GATED, LINEAR, MATRIX = "classical", "gated", "linear", "matrix memory"
ATTENTION, CONVOLUTION, CONTROL, REFERENCE = "attention", "convolution", "control", "reference"
#: A class from outside of seqbench that does not say what it is.
OWN = "own"

FAMILIES = (CLASSICAL, GATED, LINEAR, MATRIX, ATTENTION, CONVOLUTION, OWN, CONTROL, REFERENCE)
