"""The scenarios, one module a suite of the plan."""
