"""GitHub: which pull request, the runner's log and files, and the one sticky comment."""
