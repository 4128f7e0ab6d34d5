-- Of each semantic: how many values there are, and how many of them stand in a single record and so join nothing.
WITH held AS (
  SELECT semantic, value, COUNT(*) AS records
  FROM semantic_values
  GROUP BY semantic, value
)
SELECT
  semantic,
  COUNT(*) AS different_values,
  COUNT(CASE WHEN records = 1 THEN 1 END) AS unmatched
FROM held
GROUP BY semantic
ORDER BY semantic
