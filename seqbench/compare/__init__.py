"""What differs between two experiments, two arms or two revisions, and which differences are beyond noise."""
