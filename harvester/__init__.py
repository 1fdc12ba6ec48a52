"""How speech comes in: sources list and read, the pipeline decides and saves."""
