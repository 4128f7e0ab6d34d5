-- The pair of records that speaks the most against each person being one.
WITH ranked AS (
  SELECT
    amperity_id,
    source1,
    pk1,
    source2,
    pk2,
    score,
    match_category,
    ROW_NUMBER() OVER (PARTITION BY amperity_id ORDER BY score, source1, pk1, source2, pk2) AS place
  FROM unified_scores
)
SELECT amperity_id, score, match_category, source1, pk1, source2, pk2
FROM ranked
WHERE place = 1
ORDER BY score, amperity_id
