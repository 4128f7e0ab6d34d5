-- Foreign keys that belong to several people: orders and the like that carry one are given to nobody.
SELECT
  semantic,
  value,
  COUNT(DISTINCT amperity_id) AS people,
  COUNT(*) AS records
FROM foreign_keys
GROUP BY semantic, value
HAVING COUNT(DISTINCT amperity_id) > 1
ORDER BY people DESC, records DESC, semantic, value
