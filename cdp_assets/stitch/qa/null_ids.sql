-- Records that are nobody's, by source; there should be none.
SELECT
  datasource,
  COUNT(*) AS records,
  COUNT(*) - COUNT(amperity_id) AS without_id
FROM unified_coalesced
GROUP BY datasource
ORDER BY without_id DESC, datasource
