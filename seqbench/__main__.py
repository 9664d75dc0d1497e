"""`python -m seqbench`. Worker processes import this module again: keep it light."""

from seqbench.cli import main

if __name__ == "__main__":
    main()
