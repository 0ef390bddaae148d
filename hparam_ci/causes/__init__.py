"""Why trials are sick: issues held against hyperparameters."""
