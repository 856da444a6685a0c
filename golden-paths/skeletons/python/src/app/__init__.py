"""The service. `main.create_app` puts it together; `notes` is the example feature."""
