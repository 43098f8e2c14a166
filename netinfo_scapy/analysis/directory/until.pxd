# until.py is compiled as it stands.
