"""Trainings whose condition is known, to measure how good verdicts are."""
