-- Of each foreign key: how many values there are, and how many of them lead to one person, to several, to nobody.
WITH keys AS (
  SELECT semantic, value, COUNT(DISTINCT amperity_id) AS people
  FROM foreign_keys
  GROUP BY semantic, value
)
SELECT
  semantic,
  COUNT(*) AS keys,
  COUNT(CASE WHEN people = 1 THEN 1 END) AS of_one_person,
  COUNT(CASE WHEN people > 1 THEN 1 END) AS of_several,
  COUNT(CASE WHEN people = 0 THEN 1 END) AS of_nobody
FROM keys
GROUP BY semantic
ORDER BY semantic
