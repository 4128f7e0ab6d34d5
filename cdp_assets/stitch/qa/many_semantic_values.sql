-- People who have more than three values of one semantic, and so may be several.
SELECT
  amperity_id,
  semantic,
  COUNT(DISTINCT value) AS different_values
FROM semantic_values
WHERE amperity_id IS NOT NULL
GROUP BY amperity_id, semantic
HAVING COUNT(DISTINCT value) > 3
ORDER BY different_values DESC, semantic, amperity_id
