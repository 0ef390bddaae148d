"""Coverage-guided fuzzing of everything that reads bytes from outside: `make fuzz`; `tests/fuzz/corpus` is replayed in
every test run.
"""
