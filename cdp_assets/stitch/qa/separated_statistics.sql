-- Records and people of each source by itself, and the share of its records that repeat somebody of it, in per cent.
SELECT
  datasource,
  COUNT(*) AS records,
  COUNT(DISTINCT amperity_id) AS people,
  100.0E0 * (COUNT(amperity_id) - COUNT(DISTINCT amperity_id)) / NULLIF(COUNT(amperity_id), 0) AS dedup_percent
FROM unified_coalesced
GROUP BY datasource
ORDER BY datasource
