"""Train one run: from its spec to a model, through the optimiser steps, to a verdict and a diagnosis."""
