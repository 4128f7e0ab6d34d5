-- A label is a row, so that another one needs no column; a segment asks for one by its name.
WITH members AS (
  SELECT
    u.amperity_id,
    l.tier,
    ROW_NUMBER() OVER (PARTITION BY u.amperity_id ORDER BY l.updated_at DESC, l._pk) AS place
  FROM domain.loyalty_members AS l
  JOIN unified_coalesced AS u ON u.datasource = 'loyalty:members' AND u.pk = l._pk
)
SELECT m.amperity_id, 'loyalty ' || LOWER(m.tier) AS label
FROM members AS m
WHERE m.place = 1 AND m.tier IS NOT NULL
UNION ALL
SELECT c.amperity_id, 'big spender' AS label
FROM customer_360 AS c
WHERE c.lifetime_order_revenue >= 1000
UNION ALL
SELECT c.amperity_id, 'far from a store' AS label
FROM customer_360 AS c
WHERE c.state NOT IN ('WA', 'OR', 'CA')
UNION ALL
SELECT a.amperity_id, 'no way to reach' AS label
FROM customer_attributes AS a
WHERE NOT a.contactable_email AND NOT a.contactable_phone AND NOT a.contactable_address
