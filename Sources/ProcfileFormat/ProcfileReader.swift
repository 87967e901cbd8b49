// ProcfileFormat, floor 2: Procfile <-> Service.
