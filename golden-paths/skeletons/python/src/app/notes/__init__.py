"""The example feature: keeps short texts. Copy its shape, then delete it."""
