"""What is wrong with a trial: one file a detector."""
