-- The values that most records have: candidates for bad values where many people share one.
SELECT
  semantic,
  value,
  COUNT(*) AS records,
  COUNT(DISTINCT amperity_id) AS people
FROM semantic_values
GROUP BY semantic, value
HAVING COUNT(*) > 1
ORDER BY records DESC, people DESC, semantic, value
