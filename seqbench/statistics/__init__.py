"""What the outcomes of runs say, from numbers alone: rates and intervals, longest gaps, times to solve, differences."""
