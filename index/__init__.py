"""How advice is found again: passages, the search engine, clips and their exports."""
