"""`python -m seqbench`."""

from seqbench import interrupts

if __name__ == "__main__":
    interrupts.catch_at_once()
    from seqbench.cli import main

    main()
