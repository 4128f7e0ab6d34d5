"""Invented customers of an invented retailer, with who each record really is.

Made to be as hard as real ones: households that share a surname, a home, a landline or a mailbox; twins; father and
son of one name; married names; movers, some into others' old homes; recycled phones; nicknames, slips, swaps; the
store's address as the customer's; values that mean none. Some records cannot be told apart by anybody.
"""
