"""What the curves of a training say: rules, their evidence, and remedies."""

__all__: list[str] = []
