WITH people AS (
  SELECT
    COALESCE(c.state, 'unknown') AS state,
    a.historical_purchaser_lifecycle_status AS status,
    c.lifetime_order_revenue AS revenue
  FROM customer_360 AS c
  JOIN customer_attributes AS a ON a.amperity_id = c.amperity_id
)
SELECT
  state,
  status,
  COUNT(*) AS people,
  SUM(CASE WHEN revenue > 0 THEN 1 ELSE 0 END) AS buyers,
  SUM(revenue) AS revenue
FROM people
GROUP BY state, status
