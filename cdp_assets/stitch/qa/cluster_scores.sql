-- How well the records of each person agree, pair by pair; the person who is held together the weakest comes first.
SELECT
  amperity_id,
  COUNT(*) AS pairs,
  MIN(score) AS weakest,
  AVG(score) AS average,
  MAX(score) AS strongest
FROM unified_scores
GROUP BY amperity_id
ORDER BY weakest, pairs DESC, amperity_id
