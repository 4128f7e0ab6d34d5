-- How many people each two sources have in common.
WITH people AS (
  SELECT DISTINCT amperity_id, datasource
  FROM unified_coalesced
  WHERE amperity_id IS NOT NULL
)
SELECT
  one.datasource AS datasource,
  other.datasource AS other_datasource,
  COUNT(*) AS people
FROM people AS one
JOIN people AS other ON other.amperity_id = one.amperity_id AND one.datasource < other.datasource
GROUP BY one.datasource, other.datasource
ORDER BY people DESC, datasource, other_datasource
