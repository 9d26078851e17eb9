"""The core toolkit: clients, mapping, planning, running, and the use cases over them."""
