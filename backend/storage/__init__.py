"""The only SQL. One function per question, named after it; each takes the open session it works in."""
