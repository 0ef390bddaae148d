"""The image and the action inside it, run as GitHub's runner runs them."""
