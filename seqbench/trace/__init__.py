"""One sequence through a trained model: what it sees, forgets, writes and shows, and the gradient that comes back."""
