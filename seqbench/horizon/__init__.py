"""The memory horizon: the gap at which success falls to one half, with an interval, found by adaptive search."""
