-- How many people have so many records in each source.
WITH sizes AS (
  SELECT datasource, amperity_id, COUNT(*) AS records
  FROM unified_coalesced
  WHERE amperity_id IS NOT NULL
  GROUP BY datasource, amperity_id
)
SELECT datasource, records, COUNT(*) AS people
FROM sizes
GROUP BY datasource, records
ORDER BY datasource, records
