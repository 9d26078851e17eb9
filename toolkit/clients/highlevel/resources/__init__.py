"""One class per noun of the vendor: `highlevel.contacts`, `highlevel.tasks`, and so on."""
