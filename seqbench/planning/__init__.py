"""From the files of Hydra and the command line to a checked plan; every fault is found before anything runs."""
