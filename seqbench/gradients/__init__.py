"""The gradient back through time: measured by lag, beside theory, and the Jacobian itself."""
