"""The forms of the audit report. Each says the same; they differ in whom they are for."""
