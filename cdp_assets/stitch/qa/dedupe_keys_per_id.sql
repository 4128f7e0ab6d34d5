-- People who have several primary keys in one source: what its own deduplication has missed.
SELECT
  datasource,
  amperity_id,
  COUNT(DISTINCT pk) AS keys
FROM unified_coalesced
WHERE amperity_id IS NOT NULL
GROUP BY datasource, amperity_id
HAVING COUNT(DISTINCT pk) > 1
ORDER BY keys DESC, datasource, amperity_id
