"""Every private or fragile part of other libraries that skdl uses, one module per
library."""

__all__: list[str] = []
