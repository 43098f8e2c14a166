"""The command line: one small file a command."""

import gc

# Next to nothing of what is imported from here on, or made by an analysis, lies in cycles; looking for them would take
# a quarter of the time.
gc.set_threshold(200_000, 50, 50)
