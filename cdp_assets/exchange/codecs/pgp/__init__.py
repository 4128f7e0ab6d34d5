"""PGP by GnuPG: opens what arrives, closes what is sent, makes keys; every operation in a home of its own."""
