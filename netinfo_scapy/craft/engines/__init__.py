"""Running the engines that rules are for. How one is called, configured and read is known in its own file here only."""
