"""Seven records of two sources, who they are taken for, and their scores: small enough to count by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

BORN = dt.date(1980, 5, 1)
RECORDS = [
    # datasource, pk, amperity_id, component, given_name, surname, email, phone, address, postal, birthdate, fk_customer
    ("shop", "s1", "A", 1, "Ann", "Lee", "ann@x.com", "111", "1 Oak St", "10001", BORN, "c1"),
    ("shop", "s2", "A", 1, "Ann", "Lee", "ann@x.com", "111", "1 Oak St", "10001", BORN, "c1"),
    ("shop", "s3", "A", 1, "Anna", "Lee", "a2@x.com", "112", "1 Oak St", "10001", BORN, "c2"),
    ("till", "t1", "A", 1, "Anne", "Leigh", "a3@x.com", "113", None, None, None, "c3"),
    ("till", "t2", "B", 1, "Bob", "Lee", "a4@x.com", "111", "1 Oak St", "10001", None, "c1"),
    ("shop", "s4", "C", 2, "Cy", "Poe", "ann@x.com", None, None, None, None, None),
    ("till", "t3", None, None, None, None, None, None, None, None, None, "c9"),
]
COLUMNS = (
    "datasource", "pk", "amperity_id", "component_id", "given_name", "surname", "email", "phone", "address", "postal",
    "birthdate", "fk_customer",
)  # fmt: skip
TYPES = {name: pa.string() for name in COLUMNS} | {"component_id": pa.int64(), "birthdate": pa.date32()}
SCORES = [
    # amperity_id, source1, pk1, source2, pk2, score, match_category, match_type
    ("A", "shop", "s1", "shop", "s2", 5.0, "Exact", "trivial_duplicate"),
    ("A", "shop", "s1", "shop", "s3", 4.0, "Excellent", "scored"),
    ("A", "shop", "s1", "till", "t1", 3.0, "Moderate", "scored"),
    ("B", "till", "t2", "till", "t9", 3.5, "High", "scored"),
]
SCORE_COLUMNS = ("amperity_id", "source1", "pk1", "source2", "pk2", "score", "match_category", "match_type")
COMPARED = ("datasource", "pk", "given_name", "surname", "email", "phone", "address", "postal", "birthdate")
PAIRED = tuple(f"{name}_{side}" for name in COMPARED for side in "ab")


def tables() -> dict[str, pa.Table]:
    """Give what Stitch publishes of these records."""
    rows = zip(*RECORDS, strict=True)
    coalesced = {name: pa.array(list(one), TYPES[name]) for name, one in zip(COLUMNS, rows, strict=True)}
    kinds = [pa.float64() if name == "score" else pa.string() for name in SCORE_COLUMNS]
    scores = zip(SCORE_COLUMNS, zip(*SCORES, strict=True), kinds, strict=True)
    example = {name: [name] for name in PAIRED if not name.startswith("birthdate")}
    example |= {"birthdate_a": pa.array([BORN]), "birthdate_b": pa.array([BORN])}
    more = {"match_category": ["Moderate"], "score": [3.0], "case_count": ["12"]}
    return {
        "unified_coalesced": pa.table(coalesced),
        "unified_scores": pa.table({name: pa.array(list(one), kind) for name, one, kind in scores}),
        "detailed_examples": pa.table({**example, **more}),
    }


ANSWERS: dict[str, list[tuple[object, ...]]] = {
    "bad_foreign_keys": [("fk_customer", "c1", 2, 3)],
    "cluster_scores": [("A", 3, 3.0, 4.0, 5.0), ("B", 1, 3.5, 3.5, 3.5)],
    "cluster_size_distribution": [(1, 2), (4, 1)],
    "combined_statistics": [(2, 7, 3, 50.0)],
    "common_values": [
        ("address", "1 Oak St", 4, 2), ("postal", "10001", 4, 2), ("surname", "Lee", 4, 2),
        ("email", "ann@x.com", 3, 2), ("phone", "111", 3, 2), ("birthdate", "1980-05-01", 3, 1),
        ("given_name", "Ann", 2, 1),
    ],
    "connections_across_sources": [("shop", "till", 1)],
    "dedupe_keys_per_id": [("shop", "A", 3)],
    "denormalized_records": [("shop", "Ann", "Lee", "ann@x.com", "111", "1 Oak St", "10001", 2)],
    "detailed_examples": [
        (
            "Moderate", 3.0, "12", "datasource_a", "pk_a", "datasource_b", "pk_b", "given_name_a", "given_name_b",
            "surname_a", "surname_b", "email_a", "email_b", "phone_a", "phone_b", "address_a", "address_b", "postal_a",
            "postal_b", BORN, BORN,
        )
    ],
    "fk_validation": [("fk_customer", 4, 2, 1, 1)],
    "many_ids": [("address", "1 Oak St", 2), ("email", "ann@x.com", 2), ("phone", "111", 2)],
    "many_semantic_values": [],
    "null_ids": [("till", 3, 1), ("shop", 4, 0)],
    "separated_statistics": [("shop", 4, 2, 50.0), ("till", 3, 2, 0.0)],
    "source_cluster_distribution": [("shop", 1, 1), ("shop", 3, 1), ("till", 1, 2)],
    "split_clusters": [(1, 2, 5)],
    "unmatched_semantic_values": [
        ("address", 1, 0), ("birthdate", 1, 0), ("email", 4, 3), ("given_name", 5, 4), ("phone", 3, 2),
        ("postal", 1, 0), ("surname", 3, 2),
    ],
    "weakest_match": [
        ("A", 3.0, "Moderate", "shop", "s1", "till", "t1"),
        ("B", 3.5, "High", "till", "t2", "till", "t9"),
    ],
}  # fmt: skip
"""What each query must say of them, in this order, counted by hand."""
