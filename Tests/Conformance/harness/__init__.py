"""The driver behind Tests/Conformance/run: one scenario, two servers, compared transcripts."""
