"""When the desk is open: weekly hours, Japanese holidays, closures, exceptions, quiet hours."""
