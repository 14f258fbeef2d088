"""The doors of the command line, one module each; rooms are imported inside, so that help comes at once."""
