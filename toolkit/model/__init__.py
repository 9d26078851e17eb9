"""The words of this project as frozen values: ids, records, links, plans, outcomes."""
