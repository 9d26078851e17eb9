"""A rehearsal: the user's own settings on a copy of their own data, where nothing can happen.

`highlevel` and `timetonic` read the accounts through the clients, `records` and `cells` put
what was read into the emulators' words, `workshop` is the home that is thrown away, and
`perform` runs the play and reports.
"""
