"""What a person can type after ``mentor``: each verb reads, calls the part that does the work, and prints."""
