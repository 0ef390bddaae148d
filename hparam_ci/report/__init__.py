"""The Inspection as text for people."""
