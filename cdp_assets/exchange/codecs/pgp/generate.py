"""Makes PGP key pairs as this platform wants them of others: a primary key that signs, one subkey that encrypts."""

from __future__ import annotations

from cdp_assets.errors import SecretError
from cdp_assets.exchange.codecs.pgp.home import gnupg_home, spelled
from cdp_assets.exchange.key_pair import KeyPair
from cdp_assets.secrets import Secret

RSA_BITS = 4096


def pgp_key_pair(name: str, email: str, passphrase: Secret, bits: int = RSA_BITS) -> KeyPair:
    """Make an RSA pair with ASCII armour that does not expire; `passphrase` protects the private part.

    The agent decides how often the passphrase is hashed, so it is costly to guess.
    Raises SecretError, without the passphrase, for a name or address of several lines, and where gpg makes none.
    """
    if not f"{name}{email}".isprintable():
        raise SecretError("The name or e-mail address of a key has control characters. Expected one line.")
    with gnupg_home(agent="") as gpg:
        wanted = gpg.gen_key_input(
            key_type="RSA",
            key_length=bits,
            key_usage="sign",
            subkey_type="RSA",
            subkey_length=bits,
            subkey_usage="encrypt",
            name_real=name,
            name_email=email,
            expire_date=0,
            passphrase=spelled(passphrase),
        )
        fingerprint = str(gpg.gen_key(wanted).fingerprint or "")
        if not fingerprint:
            raise SecretError(f"gpg made no key for {name} <{email}>. Expected a name and an e-mail address.")
        private = gpg.export_keys(fingerprint, secret=True, passphrase=spelled(passphrase))
        return KeyPair(private, gpg.export_keys(fingerprint), fingerprint)
