// LaunchdFormat, floor 2: launchd job <-> Service.
