-- E-mail addresses, phone numbers and street addresses that several people have.
SELECT
  semantic,
  value,
  COUNT(DISTINCT amperity_id) AS people
FROM semantic_values
WHERE semantic IN ('email', 'phone', 'address')
GROUP BY semantic, value
HAVING COUNT(DISTINCT amperity_id) > 1
ORDER BY people DESC, semantic, value
