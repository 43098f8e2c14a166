"""What a person should know about a capture: detectors, each in a file of its own, and their table."""
