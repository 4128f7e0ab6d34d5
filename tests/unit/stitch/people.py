"""Small sets of records to resolve."""

from __future__ import annotations

import numpy as np
import polars as pl

FIRST = ["JAMES", "MARY", "ROBERT", "PATRICIA", "JOHN", "JENNIFER", "MICHAEL", "LINDA", "DAVID", "ELIZABETH"]
LAST = ["SMITH", "JOHNSON", "WILLIAMS", "BROWN", "JONES", "GARCIA", "MILLER", "DAVIS", "MARTINEZ", "LOPEZ"]


def people(count: int, seed: int = 1) -> pl.DataFrame:
    """Give `count` people with one to three records each; `person` says who, and is never compared."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(count):
        given, surname = FIRST[draw.integers(10)], LAST[draw.integers(10)] + chr(65 + int(draw.integers(26)))
        email = f"{given}.{surname}{draw.integers(1000)}@mail.com".lower()
        phone = f"206{draw.integers(10**7):07d}"
        address = f"{draw.integers(9999)} {surname.title()} St"
        for copy in range(int(draw.integers(1, 4))):
            rows.append(
                {
                    "datasource": ["shop:customers", "pos:shoppers", "mail:list"][copy],
                    "pk": f"p{person}",
                    "given_name": given.title() if copy else given,
                    "surname": surname.title(),
                    "email": email if copy != 1 else None,
                    "phone": phone if copy != 2 else None,
                    "address": address if copy != 2 else None,
                    "postal": "98101",
                    "city": "Seattle",
                    "person": person,
                }
            )
    return pl.DataFrame(rows)
