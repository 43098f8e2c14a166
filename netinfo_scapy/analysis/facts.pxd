# facts.py is compiled as it stands.
