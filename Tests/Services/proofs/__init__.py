"""The proofs, one module a piece of the ecosystem."""
