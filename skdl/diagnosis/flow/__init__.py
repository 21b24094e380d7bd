"""How gradients flow through a network, layer by layer."""

__all__: list[str] = []
