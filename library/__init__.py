"""What was harvested, and what every other part agrees on. Imports nothing else of ours."""
