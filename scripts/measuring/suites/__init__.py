"""One module a subject. Each has a TITLE and `measure(bench)`; EMBEDDED_ONLY where it is of the embedded cluster itself."""
