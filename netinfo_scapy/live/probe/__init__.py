"""What is at a host: recognized port by port, asked politely, never written to."""
