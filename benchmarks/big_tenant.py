"""Writes a tenant of a thousand resources: 400 feeds, 400 SQL tables in layers, and 200 others around them.

Feeds have 10 to 20 fields; the SQL is as long as analysts write it: CTEs, joins, CASE, window functions.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

FEEDS, CUSTOM, DATABASES, TABLES_EACH = 400, 120, 4, 70
COURIERS, GROUPS, QUERIES, TEMPLATES, ORCHESTRATIONS = 50, 10, 62, 20, 30
DESTINATIONS, CREDENTIALS = 8, 10
USER = "ann"
"""The one user who may do everything."""
PEOPLE, ORDERS, CATALOGS = 20, 10, 2
"""How many feeds, the first ones, hold people, order lines and products; the others hold facts."""
UNREAD = 8
"""How many feeds, the last ones, no table reads."""
KEYED = ("customer_id", "string", "tags: [pk, fk-customer-id]", "required: true")
PERSON = (
    ("given_name", "string", "tags: [given-name]"),
    ("surname", "string", "tags: [surname]"),
    ("email", "string", "tags: [email]"),
    ("phone", "string", "tags: [phone]"),
    ("address", "string", "tags: [address]"),
    ("city", "string", "tags: [city]"),
    ("state", "string", "tags: [state]"),
    ("postal", "string", "tags: [postal]"),
    ("birthdate", "date", "pattern: MM/dd/yyyy", "tags: [birthdate]"),
)
ORDER = (
    ("order_id", "string", "tags: [txn-item/order-id]", "required: true"),
    ("ordered_at", "datetime", "tags: [txn-item/order-datetime]"),
    ("product_id", "string", "tags: [txn-item/product-id]"),
    ("item_quantity", "integer", "tags: [txn-item/item-quantity]"),
    ("item_revenue", "decimal", "scale: 2", "tags: [txn-item/item-revenue]"),
)
PRODUCT = (
    ("product_id", "string", "tags: [pc/product-id]", "required: true"),
    ("product_name", "string", "tags: [pc/product-name]"),
)
READ = (
    ("email", "string"),
    ("channel", "string"),
    ("amount", "decimal", "scale: 2"),
    ("happened_at", "datetime"),
)
"""What the SQL tables read of a feed of facts."""
FACTS = (
    *((f"channel_{number}", "string") for number in range(1, 4)),
    *((f"amount_{number}", "decimal", "scale: 2") for number in range(1, 6)),
    *((f"count_{number}", "integer") for number in range(1, 6)),
    ("is_active", "boolean"),
    ("store_code", "string", "from: Store Code"),
)
MERGED = """(
    SELECT amperity_id AS customer_id, email, 0 AS amount, birthdate AS happened_at, state AS channel
    FROM merged_customers
  )"""
"""People, with the columns that every table has."""
FORMATS = ("{kind: csv}", "{kind: psv}", "{kind: tsv}", "{kind: ndjson}", "{kind: parquet}")


def write_tenant(folder: Path, seed: int = 7) -> dict[str, int]:
    """Write the files below a folder; give how many resources of each folder there are."""
    draw = random.Random(seed)
    files = dict(_files(draw))
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    kinds = sorted(name.partition("/")[0] for name in files if name.endswith(".yaml"))
    return {kind: len(list(found)) for kind, found in itertools.groupby(kinds)}


def feed_name(number: int) -> str:
    """Give a feed's key."""
    return f"s{number // 8:02d}_f{number:03d}"


def _files(draw: random.Random) -> Iterator[tuple[str, str]]:
    yield "tenant.yaml", "id: big\nname: Big Retail\ndescription: A thousand resources.\ntime_zone: Europe/Berlin\n"
    stitched = "".join(f"  - {feed_name(number)}\n" for number in range(PEOPLE))
    yield "stitch.yaml", f"stitched_tables:\n{stitched}threshold: 3\n"
    for number in range(FEEDS):
        yield f"feeds/{feed_name(number)}.yaml", _feed(number, draw)
    yield from _couriers()
    yield from _custom(draw)
    yield from _databases(draw)
    yield from _queries(draw)
    yield from _exports()
    yield from _people()


def _feed(number: int, draw: random.Random) -> str:
    source, _, name = feed_name(number).partition("_")
    own = PERSON if number < PEOPLE else ORDER if number < PEOPLE + ORDERS else PRODUCT
    own = own if number < PEOPLE + ORDERS + CATALOGS else READ
    wanted = draw.randint(10, 20)
    fields = [KEYED, *own, *draw.sample(FACTS, min(len(FACTS), max(0, wanted - 2 - len(own))))]
    fields.append(("updated_at", "datetime"))
    lines = [f"  - {{name: {name}, type: {kind}{''.join(f', {one}' for one in more)}}}" for name, kind, *more in fields]
    text = [
        f"source: {source}",
        f"name: {name}",
        f"description: Feed {number} of system {source}, a file a day.",
        "fields:",
        *lines,
        "primary_key: [customer_id]",
        "last_updated: updated_at",
        f"available_to_stitch: {str(number < PEOPLE).lower()}",
    ]
    return "\n".join(text) + "\n"


def _couriers() -> Iterator[tuple[str, str]]:
    each = FEEDS // COURIERS
    for number in range(COURIERS):
        feeds = [feed_name(feed) for feed in range(number * each, (number + 1) * each)]
        files = "".join(
            f"  - tag: {feed}\n    pattern: \"'{feed}_'yyyy'_'MM'_'dd'.csv'\"\n"
            f"    format: {FORMATS[0 if at == 0 else (number + at) % len(FORMATS)]}\n    optional: true\n"
            for at, feed in enumerate(feeds)
        )
        loads = "".join(f"  - {{feed: {feed}, file: {feed}}}\n" for feed in feeds)
        head = f"description: Files of system {number}.\nlocation: {{kind: local, path: system_{number}}}\n"
        yield f"couriers/courier_{number:02d}.yaml", f"{head}files:\n{files}load:\n{loads}"
    for number in range(GROUPS):
        couriers = ", ".join(f"courier_{one:02d}" for one in range(number, COURIERS, GROUPS))
        text = f'couriers: [{couriers}]\nschedule: "{number} 4 * * *"\ntime_zone: Europe/Berlin\nrun_type: full\n'
        yield f"courier_groups/group_{number}.yaml", text


def _custom(draw: random.Random) -> Iterator[tuple[str, str]]:
    """Write custom domain tables in three layers over feeds of facts."""
    for number in range(CUSTOM):
        layer = number * 3 // CUSTOM
        earlier = [f"custom.c{one:03d}" for one in range(layer * CUSTOM // 3)]
        domain = [f"domain.{feed_name(one)}" for one in range(PEOPLE + ORDERS + CATALOGS, FEEDS - UNREAD)]
        left, right = (draw.choice(earlier) if earlier else draw.choice(domain)), draw.choice(domain)
        yield f"custom_domain_tables/c{number:03d}.yaml", f"description: Contacts per customer, layer {layer}.\n"
        yield f"custom_domain_tables/c{number:03d}.sql", _table_sql(left, right, draw)


def _databases(draw: random.Random) -> Iterator[tuple[str, str]]:
    """Write each database's tables in five layers over custom tables, people and each other."""
    layer_size = TABLES_EACH // 5
    for database in range(DATABASES):
        folder = f"databases/db_{database}"
        yield f"{folder}/database.yaml", "template: customer_360\ndescription: What analysts work with.\n"
        for number in range(TABLES_EACH):
            layer = number // layer_size
            earlier = [f"t{one:02d}" for one in range(max(0, layer - 1) * layer_size, layer * layer_size)]
            left = draw.choice(earlier) if earlier else MERGED
            right = draw.choice([*earlier, f"custom.c{draw.randrange(CUSTOM):03d}"])
            columns = "columns:\n  customer_id: {unique: true, required: true}\n"
            text = f"description: Table {number} of layer {layer}.\nmode: sql\n{columns}"
            yield f"{folder}/t{number:02d}.yaml", text
            yield f"{folder}/t{number:02d}.sql", _table_sql(left, right, draw)


def _table_sql(left: str, right: str, draw: random.Random) -> str:
    """Give a statement of about 45 lines that reads two tables; every one has the same columns."""
    days, spent = draw.choice((30, 90, 180, 365)), draw.choice((100, 250, 500, 1000))
    ranks = "\n".join(
        f"    SUM(CASE WHEN r.age_days <= {30 * step} THEN r.amount ELSE 0 END) AS spent_{step},"
        for step in range(1, 7)
    )
    return f"""-- What each customer did in the last {days} days.
WITH recent AS (
  SELECT
    c.customer_id,
    LOWER(TRIM(c.email)) AS email,
    COALESCE(c.amount, 0) AS amount,
    DATEDIFF(:business_date, c.happened_at) AS age_days,
    ROW_NUMBER() OVER (PARTITION BY c.customer_id ORDER BY c.happened_at DESC) AS place
  FROM {left} AS c
  WHERE c.customer_id IS NOT NULL
    AND (c.channel IN ('web', 'store', 'app') OR c.channel IS NULL)
),
summed AS (
  SELECT
    r.customer_id,
    MAX(CASE WHEN r.place = 1 THEN r.email END) AS email,
{ranks}
    COUNT(*) AS contacts,
    MIN(r.age_days) AS age_days
  FROM recent AS r
  GROUP BY r.customer_id
),
other AS (
  SELECT customer_id, MAX(updated_at) AS updated_at, COUNT(DISTINCT channel) AS channels
  FROM {right}
  GROUP BY customer_id
  HAVING COUNT(*) > 1
)
SELECT
  s.customer_id,
  s.email,
  s.spent_1 + s.spent_2 AS amount,
  s.contacts,
  CASE
    WHEN s.age_days <= {days} AND s.spent_6 >= {spent} THEN 'best'
    WHEN s.age_days <= {days} THEN 'active'
    WHEN s.age_days <= {days * 2} THEN 'cooling'
    ELSE 'lost'
  END AS channel,
  o.channels,
  o.updated_at,
  DATE_SUB(:business_date, s.age_days) AS happened_at
FROM summed AS s
LEFT JOIN other AS o ON o.customer_id = s.customer_id
WHERE s.contacts > 0
"""


def _queries(draw: random.Random) -> Iterator[tuple[str, str]]:
    for number in range(QUERIES):
        table = f"t{draw.randrange(TABLES_EACH - TABLES_EACH // 5, TABLES_EACH):02d}"
        yield f"queries/q{number:02d}.yaml", f"description: Segment {number}.\ndatabase: db_{number % DATABASES}\n"
        text = f"""SELECT
  t.customer_id,
  t.email,
  RANK() OVER (ORDER BY t.amount DESC) AS place
FROM {table} AS t
WHERE t.channel IN ('best', 'active')
  AND t.amount >= {draw.randrange(10, 1000)}
"""
        yield f"queries/q{number:02d}.sql", text


def _exports() -> Iterator[tuple[str, str]]:
    for number in range(CREDENTIALS):
        secrets = f"{{username: secret://env/BIG_USER_{number}, password: secret://env/BIG_PASSWORD_{number}}}"
        yield f"credentials/login_{number}.yaml", f"type: sftp\nsecrets: {secrets}\n"
    for number in range(DESTINATIONS):
        yield f"destinations/place_{number}.yaml", f"location: {{kind: local, path: out_{number}}}\n"
    for number in range(TEMPLATES):
        name = f"{{{{list_name}}}}_{number}_{{{{now|format:'yyyy_MM_dd'}}}}.csv"
        text = f'destination: place_{number % DESTINATIONS}\nformat: {{kind: csv}}\nfilename: "{name}"\n'
        yield f"data_templates/template_{number:02d}.yaml", text
    for number in range(ORCHESTRATIONS):
        text = f"query: q{number:02d}\ndata_template: template_{number % TEMPLATES:02d}\n"
        yield f"orchestrations/send_{number:02d}.yaml", text


def _people() -> Iterator[tuple[str, str]]:
    """Write a user who may do everything, another, a policy and a resource group."""
    options = "options: [Allow sandbox administration, Allow user administration]\n"
    yield f"users/{USER}.yaml", f"full_name: Ann Lee\npolicies: [DataGrid Administrator]\n{options}"
    yield "users/ben.yaml", "full_name: Ben Ray\npolicies: [Amp360 User, no_exports]\nresource_groups: [first]\n"
    statement = "{effect: deny, actions: ['orchestration:edit'], resources: ['production']}"
    yield "policies/no_exports.yaml", f"description: Reads only.\nstatements:\n  - {statement}\n"
    yield "resource_groups/first.yaml", "description: One database.\ndatabases: [db_0]\n"
