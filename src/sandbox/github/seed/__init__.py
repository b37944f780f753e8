"""The fixed data of the imitation, the same in every process."""
