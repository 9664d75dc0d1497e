"""`python -m seqbench`."""

from seqbench.executors import interrupts

if __name__ == "__main__":
    interrupts.catch_at_once()
    from seqbench.cli import main

    main()
