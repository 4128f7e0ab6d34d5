-- Records that were linked, directly or through others, and are several people all the same.
SELECT
  component_id,
  COUNT(DISTINCT amperity_id) AS people,
  COUNT(*) AS records
FROM unified_coalesced
WHERE component_id IS NOT NULL
GROUP BY component_id
HAVING COUNT(DISTINCT amperity_id) > 1
ORDER BY people DESC, records DESC, component_id
