-- Records and people of all sources together, and the share of records that repeat somebody, in per cent.
SELECT
  COUNT(DISTINCT datasource) AS sources,
  COUNT(*) AS records,
  COUNT(DISTINCT amperity_id) AS people,
  100.0E0 * (COUNT(amperity_id) - COUNT(DISTINCT amperity_id)) / NULLIF(COUNT(amperity_id), 0) AS dedup_percent
FROM unified_coalesced
