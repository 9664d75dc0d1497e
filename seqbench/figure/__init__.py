"""One figure of a record as files for a paper, a slide or a poster: `python -m seqbench.figure`."""
