"""Tasks of joblib train their networks together; `scheduler` explains the parts."""

__all__: list[str] = []
