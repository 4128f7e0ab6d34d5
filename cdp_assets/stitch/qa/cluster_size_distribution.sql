-- How many people have so many records.
WITH sizes AS (
  SELECT amperity_id, COUNT(*) AS records
  FROM unified_coalesced
  WHERE amperity_id IS NOT NULL
  GROUP BY amperity_id
)
SELECT records, COUNT(*) AS people
FROM sizes
GROUP BY records
ORDER BY records
