"""The catalogue as a Model Context Protocol server: an assistant may do what a person may.

Reading is open. A write is planned first; what was planned is carried out once, within ten
minutes, by whoever shows the approval that belongs to exactly this entry and input.
"""
